//! Enums that are text on the wire and in the database.

/// Makes an enum whose variants each have one spelling, used on the wire, in the database and in
/// messages: `as_str`, `ALL`, `FromStr`, `Display`, serde and an API schema.
#[macro_export]
macro_rules! text_enum {
    ($(#[doc = $doc:literal])* $vis:vis enum $name:ident {
        $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)?
    }) => {
        $(#[doc = $doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize,
        )]
        $vis enum $name {
            $($(#[$vmeta])* #[serde(rename = $text)] $variant),+
        }
        impl $name {
            /// Each of them, in the order of their declaration.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
            /// Its spelling.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }
        }
        // By hand: utoipa's derive does not see a spelling that comes through a macro, and would
        // put the names of the variants into the API document.
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let lines: &[&str] = &[$($doc),*];
                let text: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description((!text.is_empty()).then(|| text.join("\n")))
                    .enum_values(Some([$($text),+]))
                    .into()
            }
        }
        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(s: &str) -> ::std::result::Result<Self, String> {
                match s {
                    $($text => Ok($name::$variant),)+
                    other => Err(format!("unknown {}: {other}", stringify!($name))),
                }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    crate::text_enum! {
        /// A sample,
        /// on two lines.
        enum Sample {
            /// One.
            FirstOne = "first_one",
            /// Two.
            Second = "2nd",
        }
    }

    #[test]
    fn one_spelling_everywhere() {
        for sample in Sample::ALL {
            let text = sample.as_str();
            assert_eq!(text.parse(), Ok(*sample));
            assert_eq!(sample.to_string(), text);
            assert_eq!(serde_json::to_value(sample).ok(), Some(text.into()));
        }
        assert!("FirstOne".parse::<Sample>().is_err());
        let schema = serde_json::to_value(<Sample as utoipa::PartialSchema>::schema());
        let expected = serde_json::json!({
            "type": "string",
            "description": "A sample,\non two lines.",
            "enum": ["first_one", "2nd"],
        });
        assert_eq!(schema.ok(), Some(expected));
    }
}
