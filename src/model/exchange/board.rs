//! Names the boards: where a security is listed, or what it is.

/// Where a security is listed, or what it is; decides its daily price limit, lots, tick, duty and T+1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Board {
    Main,
    Star,
    Chinext,
    Bse,
    /// B shares.
    B,
    /// Funds listed for trading.
    Etf,
    /// The same on STAR or ChiNext shares, which move by 20 %.
    #[serde(rename = "etf-20")]
    EtfWide,
    /// Closed and listed open-end funds, and real estate investment trusts.
    Fund,
    /// Bonds that turn into shares.
    Convertible,
    /// No price limit, no lots and no T+1.
    #[default]
    None,
}
