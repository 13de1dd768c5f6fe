//! Forms and answers at their edges.
