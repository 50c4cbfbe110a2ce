//! Does what each verb says; a file per verb.
