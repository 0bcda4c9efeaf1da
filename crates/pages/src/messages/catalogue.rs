//! Words of the catalogue of errors.

texts! {
    TITLE = "错误码", "Error codes";
    INTRO = "每个接口的错误都来自这份目录：错误码不随语言变化，文字随请求的语言。", "Every interface takes its errors from this list: a code is the same in every language, its text is in that of the request.";
    WHERE = "在响应里的位置", "Where an answer has it";
    SEARCH = "搜索错误码或文字", "Code or text";
    SHOW_ALL = "显示全部", "Show all";
    COUNT = "{0} 个错误码", "{0} codes";
    NONE_FOUND = "没有符合“{0}”的错误码", "No code fits '{0}'";
    CODE = "错误码", "Code";
    STATUS = "HTTP 状态", "HTTP status";
    MEANING = "含义", "Meaning";
    ADVICE = "怎么办", "What to do";
    LINK_TO = "{0} 的链接", "Link to {0}";
    INTERFACE = "接口", "Interface";
    FIELD = "字段", "Field";
}
