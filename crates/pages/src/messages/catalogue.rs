//! Texts of the page of error codes.

texts! {
    TITLE = "错误码", "Error codes";
    INTRO =
        "所有接口共用这些错误码。错误码与语言无关，错误信息使用请求的语言。",
        "All interfaces share these error codes. A code is the same in every language; the message is in the language of the request.";
    LOCATIONS = "错误码在响应中的位置", "Error codes in responses";
    SEARCH = "错误码或关键字", "Code or keyword";
    SHOW_ALL = "显示全部", "Show all";
    COUNT = "共 {0} 个错误码", "{0} codes";
    NONE_FOUND = "没有与“{0}”匹配的错误码", "No codes match '{0}'";
    CODE = "错误码", "Code";
    STATUS = "HTTP 状态码", "HTTP status";
    MESSAGE = "错误信息", "Message";
    SOLUTION = "处理措施", "Solution";
    LINK_TO = "{0} 的链接", "Link to {0}";
    INTERFACE = "接口", "Interface";
    FIELD = "字段", "Field";
}
