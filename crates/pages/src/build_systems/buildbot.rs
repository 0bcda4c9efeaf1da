//! Buildbot: the reporters of four code hosts.

use super::{BuildSystem, Snippet};
use domain::language::Text;

pub static BUILDBOT: BuildSystem = BuildSystem {
    name: "buildbot",
    title: "Buildbot",
    summary: Text::new(
        "Buildbot 自带的上报器通过 GitLab、GitHub、Gitea 或 Bitbucket Server 接口上报。",
        "The reporters of Buildbot report to the GitLab, GitHub, Gitea or Bitbucket Server API.",
    ),
    notes: &[
        Text::new(
            "选用一个上报器即可。源码戳（source stamp）的仓库地址须以仓库路径结尾。",
            "One reporter is enough. The repository of the source stamp must end in the path of the repository.",
        ),
        Text::new(
            "GitLabStatusPush 上报运行中的状态；GitHub 和 Gitea 没有该状态，显示为排队中。",
            "GitLabStatusPush reports running builds; GitHub and Gitea have no such state, so these builds are pending.",
        ),
        Text::new(
            "GitHub 和 Gitea 的上报器不发送分支：任务归入该提交已有的流水线，没有时归入默认分支。",
            "The reporters of GitHub and Gitea send no branch: the job belongs to a pipeline that the commit has, else to the default branch.",
        ),
    ],
    snippets: &[
        Snippet {
            caption: Text::new("master.cfg，GitLab 接口", "master.cfg, GitLab API"),
            syntax: "python",
            template: r#"from buildbot.plugins import reporters

c["services"].append(reporters.GitLabStatusPush(token="@token@", baseURL="@server@"))
"#,
        },
        Snippet {
            caption: Text::new("master.cfg，GitHub 接口", "master.cfg, GitHub API"),
            syntax: "python",
            template: r#"from buildbot.plugins import reporters

c["services"].append(reporters.GitHubStatusPush(token="@token@", baseURL="@server@"))
"#,
        },
        Snippet {
            caption: Text::new("master.cfg，Bitbucket Server 接口", "master.cfg, Bitbucket Server API"),
            syntax: "python",
            template: r#"from buildbot.plugins import reporters

c["services"].append(reporters.BitbucketServerCoreAPIStatusPush("@server@", token="@token@"))
"#,
        },
        Snippet {
            caption: Text::new(
                "master.cfg，Gitea 接口（需安装 buildbot-gitea）",
                "master.cfg, Gitea API (needs the package buildbot-gitea)",
            ),
            syntax: "python",
            template: r#"from buildbot.plugins import reporters

c["services"].append(reporters.GiteaStatusPush(baseURL="@server@", token="@token@"))
"#,
        },
    ],
    reads: false,
};
