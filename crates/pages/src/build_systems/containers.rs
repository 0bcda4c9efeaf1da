//! Build systems whose steps are containers.

use super::{BuildSystem, Snippet};
use domain::language::Text;

/// The limits of both Drone and Woodpecker.
const OWN_HOST_ONLY: Text = Text::new(
    "服务器本身只向它所连接的代码托管平台上报，无法另设地址；因此由步骤上报。",
    "The server itself reports only to the forge that it is connected to, and no other address can be set. Steps report instead.",
);
const SECRET: Text = Text::new(
    "在仓库的密钥中添加 stagepost_token，值为令牌。",
    "Add the secret stagepost_token to the repository. Its value is the token.",
);

pub static WOODPECKER: BuildSystem = BuildSystem {
    name: "woodpecker",
    title: "Woodpecker",
    summary: Text::new(
        "Woodpecker 工作流的第一个和最后一个步骤上报开始和结果。",
        "The first and the last step of a Woodpecker workflow report the start and the result.",
    ),
    notes: &[
        OWN_HOST_ONLY,
        SECRET,
        Text::new(
            "变量须写作 $NAME：Woodpecker 在运行之前替换 ${NAME}，此时还没有结果。",
            "Write variables as $NAME: Woodpecker replaces ${NAME} before the run, when there is no result yet.",
        ),
        Text::new(
            "使用矩阵时，将矩阵的变量加到名称中，否则各个工作流会成为同一个任务。",
            "With a matrix, add its variables to the name. Otherwise its workflows are one job.",
        ),
    ],
    snippets: &[Snippet {
        caption: Text::new(".woodpecker.yaml", ".woodpecker.yaml"),
        syntax: "yaml",
        template: r#"steps:
  - name: start
    image: curlimages/curl
    environment: &environment
      STAGEPOST_TOKEN:
        from_secret: stagepost_token
    commands: &report
      - if [ "$CI_PIPELINE_STATUS" = success ]; then STATE=success; else STATE=failed; fi
      - if [ "$CI_STEP_NAME" = start ]; then STATE=running; fi
      - REF=$CI_COMMIT_BRANCH
      - if [ -n "$CI_COMMIT_SOURCE_BRANCH" ]; then REF=$CI_COMMIT_SOURCE_BRANCH; fi
      - if [ -n "$CI_COMMIT_TAG" ]; then REF=refs/tags/$CI_COMMIT_TAG; fi
      - >-
        curl --fail --silent --show-error --output /dev/null --header "PRIVATE-TOKEN: $STAGEPOST_TOKEN"
        --data-urlencode "state=$STATE" --data-urlencode "name=$CI_WORKFLOW_NAME"
        --data-urlencode "ref=$REF" --data-urlencode "target_url=$CI_PIPELINE_URL"
        "@server@/api/v4/projects/@project@/statuses/$CI_COMMIT_SHA"
    failure: ignore
  - name: build
    image: debian
    commands:
      - ./build.sh
  - name: end
    image: curlimages/curl
    environment: *environment
    commands: *report
    when:
      - status: [success, failure]
"#,
    }],
    reads: false,
};

pub static DRONE: BuildSystem = BuildSystem {
    name: "drone",
    title: "Drone",
    summary: Text::new(
        "Drone 流水线的第一个和最后一个步骤上报开始和结果。",
        "The first and the last step of a Drone pipeline report the start and the result.",
    ),
    notes: &[OWN_HOST_ONLY, SECRET],
    snippets: &[Snippet {
        caption: Text::new(".drone.yml", ".drone.yml"),
        syntax: "yaml",
        template: r#"kind: pipeline
type: docker
name: default

steps:
  - name: start
    image: curlimages/curl
    environment: &environment
      STAGEPOST_TOKEN:
        from_secret: stagepost_token
    commands: &report
      - if [ "$DRONE_BUILD_STATUS" = success ]; then STATE=success; else STATE=failed; fi
      - if [ "$DRONE_STEP_NAME" = start ]; then STATE=running; fi
      - REF=$DRONE_BRANCH
      - if [ -n "$DRONE_SOURCE_BRANCH" ]; then REF=$DRONE_SOURCE_BRANCH; fi
      - if [ -n "$DRONE_TAG" ]; then REF=refs/tags/$DRONE_TAG; fi
      - >-
        curl --fail --silent --show-error --output /dev/null --header "PRIVATE-TOKEN: $STAGEPOST_TOKEN"
        --data-urlencode "state=$STATE" --data-urlencode "name=$DRONE_STAGE_NAME"
        --data-urlencode "ref=$REF" --data-urlencode "target_url=$DRONE_BUILD_LINK"
        "@server@/api/v4/projects/@project@/statuses/$DRONE_COMMIT_SHA"
    failure: ignore
  - name: build
    image: debian
    commands:
      - ./build.sh
  - name: end
    image: curlimages/curl
    environment: *environment
    commands: *report
    when:
      status: [success, failure]
"#,
    }],
    reads: false,
};

pub static TEKTON: BuildSystem = BuildSystem {
    name: "tekton",
    title: "Tekton",
    summary: Text::new(
        "Tekton 流水线的 finally 任务上报整个流水线的结果。",
        "A finally task of a Tekton pipeline reports the result of the whole pipeline.",
    ),
    notes: &[
        Text::new(
            "先创建 Secret：kubectl create secret generic stagepost --from-literal=token=令牌",
            "Create the secret first: kubectl create secret generic stagepost --from-literal=token=TOKEN",
        ),
        Text::new(
            "流水线须有参数 revision（完整的提交 ID）和 branch（分支，或 refs/tags/标签）。",
            "The pipeline needs the parameters revision (the full commit id) and branch (a branch, or refs/tags/TAG).",
        ),
        Text::new(
            "PipelineRun 的名称是执行的 ID，因此再次运行是新的执行。",
            "The name of the PipelineRun is the id of the attempt, so another run is a new attempt.",
        ),
    ],
    snippets: &[Snippet {
        caption: Text::new("Pipeline 的 spec", "The spec of the Pipeline"),
        syntax: "yaml",
        template: r#"  finally:
    - name: report
      params:
        - name: status
          value: $(tasks.status)
        - name: revision
          value: $(params.revision)
        - name: branch
          value: $(params.branch)
        - name: name
          value: $(context.pipeline.name)
        - name: run
          value: $(context.pipelineRun.name)
      taskSpec:
        params:
          - name: status
          - name: revision
          - name: branch
          - name: name
          - name: run
        steps:
          - name: report
            image: curlimages/curl
            env:
              - name: TOKEN
                valueFrom:
                  secretKeyRef:
                    name: stagepost
                    key: token
              - name: STATUS
                value: $(params.status)
              - name: REVISION
                value: $(params.revision)
              - name: BRANCH
                value: $(params.branch)
              - name: NAME
                value: $(params.name)
              - name: RUN
                value: $(params.run)
            script: |
              #!/bin/sh
              case "$STATUS" in
                Succeeded | Completed) RESULT=success ;;
                *) RESULT=failure ;;
              esac
              curl --fail --silent --show-error --output /dev/null --header "Authorization: Bearer $TOKEN" \
                --json "{\"name\":\"$NAME\",\"head_sha\":\"$REVISION\",\"external_id\":\"$RUN\",\"conclusion\":\"$RESULT\"}" \
                --url-query "ref=$BRANCH" "@server@/api/v3/repos/@owner@/@repo@/check-runs"
"#,
    }],
    reads: false,
};
