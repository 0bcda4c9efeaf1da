//! Any build system that runs commands.

use super::{BuildSystem, Snippet};
use domain::language::Text;

pub static SHELL: BuildSystem = BuildSystem {
    name: "shell",
    title: "Shell",
    summary: Text::new(
        "任何能运行命令的构建系统：用 curl 上报，或用 stagepost report exec 包装命令。",
        "Any build system that runs commands: report with curl, or run the command with stagepost report exec.",
    ),
    notes: &[
        Text::new(
            "将令牌保存在构建系统的密钥存储中，不要写入脚本。",
            "Keep the token in the secret store of the build system, not in the script.",
        ),
        Text::new(
            "标签的 BRANCH 为 refs/tags/名称。检出的不是分支且没有 BRANCH 时，分支或标签未知，任务归入该提交已有的流水线或默认分支。",
            "BRANCH of a tag is refs/tags/NAME. Where no branch is checked out and BRANCH is not set, the ref is unknown: the job belongs to a pipeline that the commit has, else to the default branch.",
        ),
        Text::new(
            "同一任务的每次执行应使用不同的 target_url，或不带 target_url，这样重新构建会成为新的执行。",
            "Give every execution of a job another target_url, or none: a rebuild then is a new attempt.",
        ),
    ],
    snippets: &[
        Snippet {
            caption: Text::new("curl", "curl"),
            syntax: "sh",
            template: r#"TOKEN=@token@
COMMIT=${COMMIT:-$(git rev-parse HEAD)}
BRANCH=${BRANCH:-$(git symbolic-ref --short -q HEAD || true)}
report() {
  curl --fail --silent --show-error --output /dev/null --header "PRIVATE-TOKEN: $TOKEN" \
    --data-urlencode "state=$1" --data-urlencode "name=build" ${BRANCH:+--data-urlencode "ref=$BRANCH"} \
    "@server@/api/v4/projects/@project@/statuses/$COMMIT"
}
report running
if ./build.sh; then report success; else report failed; exit 1; fi
"#,
        },
        Snippet {
            caption: Text::new(
                "stagepost：提交、分支或标签取自常见构建系统的变量；其他情况须指定 --sha 和 --ref",
                "stagepost: commit and ref are those of the common build systems; elsewhere add --sha and --ref",
            ),
            syntax: "sh",
            template: r#"export STAGEPOST_SERVER=@server@ STAGEPOST_TOKEN=@token@ STAGEPOST_REPO=@path@
stagepost report exec --name test -- ./build.sh
"#,
        },
    ],
    reads: false,
};
