//! Build systems that belong to a code host or run as a service.

use super::{BuildSystem, Snippet};
use domain::language::Text;

pub static GITLAB_CI: BuildSystem = BuildSystem {
    name: "gitlab-ci",
    title: "GitLab CI/CD",
    summary: Text::new(
        "GitLab CI/CD 的任务在开始和结束时上报自己的状态。",
        "Jobs of GitLab CI/CD report their status when they start and when they end.",
    ),
    notes: &[
        Text::new(
            "在项目的 CI/CD 变量中添加掩码变量 STAGEPOST_TOKEN，值为令牌。",
            "Add the masked variable STAGEPOST_TOKEN to the CI/CD variables of the project. Its value is the token.",
        ),
        Text::new(
            "镜像中必须有 curl。上报失败不影响任务的结果。",
            "The image must contain curl. A report that fails does not change the result of the job.",
        ),
        Text::new(
            "任务自身的 before_script 或 after_script 会替换此处的设置，须加入同样的命令；如果没有上报开始，重试不会成为新的执行。",
            "A before_script or an after_script of a job replaces these: add the same command to it. Without the report of the start, a retry is no new attempt.",
        ),
    ],
    snippets: &[Snippet {
        caption: Text::new(".gitlab-ci.yml", ".gitlab-ci.yml"),
        syntax: "yaml",
        template: r#"default:
  before_script:
    - >-
      curl --fail --silent --show-error --output /dev/null --header "PRIVATE-TOKEN: $STAGEPOST_TOKEN"
      --data-urlencode "state=running" --data-urlencode "name=$CI_JOB_NAME"
      --data-urlencode "ref=${CI_COMMIT_TAG:+refs/tags/}$CI_COMMIT_REF_NAME" --data-urlencode "target_url=$CI_JOB_URL"
      "@server@/api/v4/projects/@project@/statuses/${CI_MERGE_REQUEST_SOURCE_BRANCH_SHA:-$CI_COMMIT_SHA}"
      || true
  after_script:
    - >-
      curl --fail --silent --show-error --output /dev/null --header "PRIVATE-TOKEN: $STAGEPOST_TOKEN"
      --data-urlencode "state=$CI_JOB_STATUS" --data-urlencode "name=$CI_JOB_NAME"
      --data-urlencode "ref=${CI_COMMIT_TAG:+refs/tags/}$CI_COMMIT_REF_NAME" --data-urlencode "target_url=$CI_JOB_URL"
      "@server@/api/v4/projects/@project@/statuses/${CI_MERGE_REQUEST_SOURCE_BRANCH_SHA:-$CI_COMMIT_SHA}"
"#,
    }],
    reads: false,
};

pub static GITHUB_ACTIONS: BuildSystem = BuildSystem {
    name: "github-actions",
    title: "GitHub Actions",
    summary: Text::new(
        "GitHub Actions 的任务用 curl 或 stagepost report exec 上报。",
        "Jobs of GitHub Actions report with curl or with stagepost report exec.",
    ),
    notes: &[
        Text::new(
            "在仓库的 Actions 密钥中添加 STAGEPOST_TOKEN，值为令牌。",
            "Add the secret STAGEPOST_TOKEN to the Actions secrets of the repository. Its value is the token.",
        ),
        Text::new(
            "GitHub 不会把工作流的检查运行（check run）发送到其他服务器，必须在步骤中上报。",
            "GitHub sends the check runs of a workflow to no other server, so a step has to report.",
        ),
        Text::new(
            "矩阵中的任务必须有不同的名称：将矩阵的取值加到 NAME，或设置 STAGEPOST_LEG。",
            "Jobs of a matrix need different names: add the values of the matrix to NAME, or set STAGEPOST_LEG.",
        ),
    ],
    snippets: &[
        Snippet {
            caption: Text::new("工作流的任务，curl", "A job of a workflow, curl"),
            syntax: "yaml",
            template: r#"env:
  COMMIT: ${{ github.event.pull_request.head.sha || github.sha }}
  REF: ${{ github.head_ref || github.ref }}
  RUN: ${{ github.server_url }}/${{ github.repository }}/actions/runs/${{ github.run_id }}/attempts/${{ github.run_attempt }}
steps:
  - continue-on-error: true
    env:
      TOKEN: ${{ secrets.STAGEPOST_TOKEN }}
      NAME: ${{ github.job }}
    run: >-
      curl --fail --silent --show-error --output /dev/null --header "PRIVATE-TOKEN: $TOKEN"
      --data-urlencode "state=running" --data-urlencode "name=$NAME"
      --data-urlencode "ref=$REF" --data-urlencode "target_url=$RUN"
      "@server@/api/v4/projects/@project@/statuses/$COMMIT"
  - uses: actions/checkout@v4
  - run: ./build.sh
  - if: always()
    env:
      TOKEN: ${{ secrets.STAGEPOST_TOKEN }}
      NAME: ${{ github.job }}
      STATE: ${{ job.status == 'cancelled' && 'canceled' || job.status == 'success' && 'success' || 'failed' }}
    run: >-
      curl --fail --silent --show-error --output /dev/null --header "PRIVATE-TOKEN: $TOKEN"
      --data-urlencode "state=$STATE" --data-urlencode "name=$NAME"
      --data-urlencode "ref=$REF" --data-urlencode "target_url=$RUN"
      "@server@/api/v4/projects/@project@/statuses/$COMMIT"
"#,
        },
        Snippet {
            caption: Text::new(
                "工作流的步骤，检查运行（check run）：除结果外还有执行的 ID",
                "A step of a workflow, a check run: it also has the id of the attempt",
            ),
            syntax: "yaml",
            template: r#"  - if: always()
    env:
      TOKEN: ${{ secrets.STAGEPOST_TOKEN }}
      CONCLUSION: ${{ job.status }}
      NAME: ${{ github.job }}
      COMMIT: ${{ github.event.pull_request.head.sha || github.sha }}
      REF: ${{ github.head_ref || github.ref }}
      ID: ${{ github.run_id }}-${{ github.run_attempt }}
      RUN: ${{ github.server_url }}/${{ github.repository }}/actions/runs/${{ github.run_id }}
    run: >-
      jq --null-input '{name: env.NAME, head_sha: env.COMMIT, external_id: env.ID,
      conclusion: env.CONCLUSION, details_url: env.RUN}' |
      curl --fail --silent --show-error --output /dev/null --header "Authorization: Bearer $TOKEN"
      --header "Content-Type: application/json" --data @-
      "@server@/api/v3/repos/@owner@/@repo@/check-runs?ref=$(jq --null-input --raw-output 'env.REF | @uri')"
"#,
        },
        Snippet {
            caption: Text::new("工作流的步骤，stagepost", "A step of a workflow, stagepost"),
            syntax: "yaml",
            template: r#"  - env:
      STAGEPOST_SERVER: @server@
      STAGEPOST_REPO: @path@
      STAGEPOST_TOKEN: ${{ secrets.STAGEPOST_TOKEN }}
    run: stagepost report exec -- ./build.sh
"#,
        },
    ],
    reads: false,
};

pub static BUILDKITE: BuildSystem = BuildSystem {
    name: "buildkite",
    title: "Buildkite",
    summary: Text::new(
        "Buildkite 代理的钩子在任务开始和结束时上报。",
        "Hooks of the Buildkite agent report when a job starts and ends.",
    ),
    notes: &[
        Text::new(
            "将令牌保存在代理的密钥中，并在 environment 钩子中设置为 STAGEPOST_TOKEN。",
            "Keep the token in the secrets of the agent, and let its environment hook set it as STAGEPOST_TOKEN.",
        ),
        Text::new(
            "Buildkite 只能向代码托管平台上报提交状态，无法另设地址。",
            "Buildkite itself reports commit statuses only to the forge, and no other address can be set.",
        ),
    ],
    snippets: &[
        Snippet {
            caption: Text::new(".buildkite/hooks/pre-command", ".buildkite/hooks/pre-command"),
            syntax: "sh",
            template: r#"#!/bin/bash
NAME="${BUILDKITE_LABEL:-build}${BUILDKITE_PARALLEL_JOB:+ $BUILDKITE_PARALLEL_JOB}"
REF="${BUILDKITE_TAG:+refs/tags/}${BUILDKITE_TAG:-$BUILDKITE_BRANCH}"
curl --fail --silent --show-error --output /dev/null --header "PRIVATE-TOKEN: $STAGEPOST_TOKEN" \
  --data-urlencode "state=running" --data-urlencode "name=$NAME" \
  --data-urlencode "ref=$REF" --data-urlencode "target_url=$BUILDKITE_BUILD_URL#$BUILDKITE_JOB_ID" \
  "@server@/api/v4/projects/@project@/statuses/$(git rev-parse HEAD)" || true
"#,
        },
        Snippet {
            caption: Text::new(".buildkite/hooks/post-command", ".buildkite/hooks/post-command"),
            syntax: "sh",
            template: r#"#!/bin/bash
NAME="${BUILDKITE_LABEL:-build}${BUILDKITE_PARALLEL_JOB:+ $BUILDKITE_PARALLEL_JOB}"
REF="${BUILDKITE_TAG:+refs/tags/}${BUILDKITE_TAG:-$BUILDKITE_BRANCH}"
if [ "$BUILDKITE_COMMAND_EXIT_STATUS" = 0 ]; then STATE=success; else STATE=failed; fi
curl --fail --silent --show-error --output /dev/null --header "PRIVATE-TOKEN: $STAGEPOST_TOKEN" \
  --data-urlencode "state=$STATE" --data-urlencode "name=$NAME" \
  --data-urlencode "ref=$REF" --data-urlencode "target_url=$BUILDKITE_BUILD_URL#$BUILDKITE_JOB_ID" \
  "@server@/api/v4/projects/@project@/statuses/$(git rev-parse HEAD)" || true
"#,
        },
    ],
    reads: false,
};
