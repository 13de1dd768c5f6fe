//! Totals and means as exact fractions, rounded once.

use crate::kernel::Result;
use crate::kernel::problem::Problem;
use crate::reviews::model::{
    Content, Criterion, CriterionSummary, Recommendation, Score, Spread, Summary, percent,
};

/// A fraction of whole numbers, not below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction {
    above: i64,
    below: i64,
}

impl Fraction {
    /// In hundredths of a percent, rounded half up.
    fn hundredths(self) -> Result<i32> {
        rounded(10_000 * i128::from(self.above), self.below.into())
    }
}

/// `above / below`, rounded half up.
fn rounded(above: i128, below: i128) -> Result<i32> {
    let odd = || Problem::internal("a sum of scores is out of range");
    if below <= 0 || above < 0 {
        return Err(odd());
    }
    i32::try_from((2 * above + below) / (2 * below)).map_err(|_| odd())
}

const fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The least number that every best score divides.
fn common(rubric: &[Criterion]) -> i64 {
    rubric
        .iter()
        .map(|c| i64::from(c.max_score.max(1)))
        .fold(1, |all, max| all / gcd(all, max) * max)
}

/// The weighted sum of a complete set of scores, of the best possible.
///
/// # Errors
/// An internal problem where a criterion is not scored.
pub fn fraction(rubric: &[Criterion], scores: &[Score]) -> Result<Fraction> {
    let common = common(rubric);
    let (mut above, mut weights) = (0, 0);
    for criterion in rubric {
        let found = scores.iter().find(|score| score.key == criterion.key);
        let score = found.ok_or_else(|| Problem::internal("a criterion is not scored"))?;
        let step = common / i64::from(criterion.max_score.max(1));
        above += i64::from(criterion.weight) * i64::from(score.score) * step;
        weights += i64::from(criterion.weight);
    }
    Ok(Fraction { above, below: weights * common })
}

/// [`fraction`] in hundredths of a percent, rounded half up.
///
/// # Errors
/// As [`fraction`].
pub fn total(rubric: &[Criterion], scores: &[Score]) -> Result<i32> {
    fraction(rubric, scores)?.hundredths()
}

/// The mean of totals in hundredths of a percent: of the exact ones, rounded once.
///
/// # Errors
/// As [`fraction`]; also where there are none.
pub fn mean(rubric: &[Criterion], reviews: &[Content]) -> Result<i32> {
    let (mut above, mut below) = (0i128, 0i128);
    for content in reviews {
        let fraction = fraction(rubric, &content.scores)?;
        above += i128::from(fraction.above);
        // All are under one rubric: each has the same below.
        below += i128::from(fraction.below);
    }
    rounded(10_000 * above, below)
}

fn spread(mean: i32, min: i32, max: i32) -> Spread {
    let text = percent;
    Spread { mean: text(mean), min: text(min), max: text(max), spread: text(max - min) }
}

/// Apart by this much in total, reviewers disagree: 25 percent.
const APART: i32 = 2_500;

/// What these reviews, all under one rubric, come to.
///
/// # Errors
/// As [`fraction`].
pub fn summary(rubric: &[Criterion], reviews: &[Content]) -> Result<Summary> {
    let count = |wanted| reviews.iter().filter(|c| c.recommendation == Some(wanted)).count();
    let (fund, decline) = (count(Recommendation::Fund), count(Recommendation::Decline));
    let mut criteria = Vec::with_capacity(rubric.len());
    let mut totals = Vec::with_capacity(reviews.len());
    for content in reviews {
        totals.push(total(rubric, &content.scores)?);
    }
    for criterion in rubric.iter().filter(|_| !reviews.is_empty()) {
        let of = |content: &Content| {
            content.scores.iter().find(|s| s.key == criterion.key).map(|s| s.score)
        };
        let scores: Vec<i32> = reviews.iter().filter_map(of).collect();
        let (Some(min), Some(max)) = (scores.iter().min(), scores.iter().max()) else { continue };
        let sum: i128 = scores.iter().map(|score| i128::from(*score)).sum();
        let mean = rounded(100 * sum, i128::try_from(scores.len()).unwrap_or(0))?;
        criteria.push(CriterionSummary {
            key: criterion.key.clone(),
            label: criterion.label.clone(),
            weight: criterion.weight,
            max_score: criterion.max_score,
            scores: spread(mean, min * 100, max * 100),
            disagreement: 2 * (max - min) >= criterion.max_score,
        });
    }
    let total = match (totals.iter().min(), totals.iter().max()) {
        (Some(min), Some(max)) => Some((mean(rubric, reviews)?, *min, *max)),
        _ => None,
    };
    let disagreement = criteria.iter().any(|c| c.disagreement)
        || total.is_some_and(|(_, min, max)| max - min >= APART)
        || (fund > 0 && decline > 0);
    Ok(Summary {
        reviews: reviews.len(),
        total: total.map(|(mean, min, max)| spread(mean, min, max)),
        criteria,
        fund,
        unsure: count(Recommendation::Unsure),
        decline,
        disagreement,
    })
}
