//! Wraps the linear algebra the models need: Cholesky factors, nearest correlations.
