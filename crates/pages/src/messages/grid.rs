//! Texts of the grid of a ref.

texts! {
    TAB = "任务矩阵", "Grid";
    TITLE = "{0} 的任务矩阵", "Grid of {0}";
    REF = "分支或标签", "Ref";
    SOURCE = "来源", "Source";
    SHOW = "查询", "Show";
    NONE = "该分支或标签没有流水线", "This ref has no pipelines";
    NONE_ON_PAGE =
        "本页没有符合条件的流水线，更早的页面中可能有",
        "No matching pipelines on this page. Older pages may have some.";
    SUMMARY = "{0}，{1}，最新的在左", "{0}, {1}, newest on the left";
    PIPELINES = "{0} 条流水线", "{0} pipelines";
    PIPELINES_ONE = "{0} 条流水线", "{0} pipeline";
    FAILING_COUNT = "{0} 个任务失败", "{0} failing jobs";
    FAILING_ONE = "{0} 个任务失败", "{0} failing job";
    NONE_FAILING = "没有任务失败", "No failing jobs";
    KEYS_HINT =
        "将鼠标移到单元格上或用方向键选择即可查看详情，按 Enter 打开",
        "Point to a cell, or select it with the arrow keys, to see its details. Press Enter to open it.";
    JOB = "任务", "Job";
    CELL_ATTEMPTS = "{0}，执行 {1} 次", "{0}, {1} attempts";
    CELL_ALLOWED = "{0}（允许失败）", "{0} (allowed to fail)";
    CELL_FLAKY = "{0}，既成功过又失败过", "{0}, both passed and failed";
    CELL_DURATION = "{0}，{1}", "{0}, {1}";
    FLAKY = "不稳定", "flaky";
    FLAKY_HINT =
        "在 {0} 个提交上既成功过又失败过",
        "Both passed and failed on {0} commits";
    FLAKY_HINT_ONE =
        "在 {0} 个提交上既成功过又失败过",
        "Both passed and failed on {0} commit";
    MORE_JOBS = "仅显示前 {0} 个任务，共 {1} 个", "Showing the first {0} of {1} jobs";
    LEGEND_RETRIED = "右上角的圆点：同一流水线中多次执行的结果不一致", "Dot in the corner: attempts in one pipeline have different results";
}
