//! Lists what the charts and tables on fitted models say, English beside Chinese.

use super::catalogue::words;

words! {
    /// One word or sentence on a fit.
    FitWord;

    ChartTitle: "{model}, {symbol}: what the fit leaves unexplained", "{model}，{symbol}：拟合未能解释的部分";
    QuantilePanel: "Residuals against a normal law", "残差与正态分布对照";
    NormalAxis: "normal quantile", "正态分位数";
    ResidualAxis: "residual", "残差";
    AutocorrelationPanel: "Autocorrelation of residuals", "残差自相关";
    SquaresPanel: "Autocorrelation of squares", "残差平方自相关";
    LagAxis: "lag, sessions", "滞后（交易日）";
    BandNote: "dashed: 95% band of independent days", "虚线：独立时的 95% 区间";
    AltChart: "{title}. {days} days. Ljung-Box p value at {lags} lags: residuals {residuals}, squares {squares}. Excess kurtosis {kurtosis}.",
        "{title}。{days} 个交易日。{lags} 阶检验的概率值：残差 {residuals}，平方 {squares}。超额峰度 {kurtosis}。";
}
