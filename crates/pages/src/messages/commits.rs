//! Words of the page of a commit.

texts! {
    TITLE = "提交 {0}", "Commit {0}";
    NONE_YET = "这个提交还没有流水线", "No pipeline of this commit yet";
}
