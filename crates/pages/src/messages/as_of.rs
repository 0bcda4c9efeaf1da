//! Texts of pages that show an earlier state.

texts! {
    AS_IT_WAS = "{0} 时的状态。", "As it was at {0}.";
    LAST_REPORT = "计入的最后一次上报：#{0}，由 {1} 上报。", "Last report included: #{0}, by {1}.";
    NO_REPORT = "当时还没有上报。", "No report was received by that time.";
    INCOMPLETE =
        "早于 {0} 的记录已删除一部分，该状态可能不完整。",
        "Some records before {0} were deleted, so this state may be incomplete.";
    RECORDED =
        "该结论为当时记录的结论，规则版本：{0}。",
        "This verdict was recorded at that time with version {0} of the rules.";
    REPLAYED =
        "该结论根据当时的数据重新计算，规则版本：{0}。",
        "This verdict is computed now from the data of that time with version {0} of the rules.";
    PRESENT = "查看当前状态", "Show the current state";
    AFTER_REPORT = "上报后的流水线", "The pipeline after this report";
}
