//! Texts of the documentation.

texts! {
    TITLE = "文档", "Documentation";
    NAVIGATION = "文档", "Docs";
    SEARCH = "搜索文档", "Search the documentation";
    NONE_FOUND = "没有匹配的页面", "No matching pages";
    GUIDES = "使用指南", "Guides";
    APIS = "API", "APIs";
    OPERATING = "运维", "Operations";
    REPORTERS = "构建系统", "Build systems";
}
