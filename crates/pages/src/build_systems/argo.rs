//! Argo CD and Argo Workflows.

use super::{BuildSystem, Snippet};
use domain::language::Text;

pub static ARGO: BuildSystem = BuildSystem {
    name: "argo",
    title: "Argo CD and Argo Workflows",
    summary: Text::new(
        "Argo CD 的通知上报部署的结果，Argo Workflows 的退出处理程序上报工作流的结果。",
        "Notifications of Argo CD report deployments, and an exit handler of Argo Workflows reports workflows.",
    ),
    notes: &[
        Text::new(
            "在 Secret argocd-notifications-secret 中添加 stagepost-token，值为令牌；Argo Workflows 使用 Secret stagepost 中的 token。",
            "Add stagepost-token to the secret argocd-notifications-secret. Its value is the token. Argo Workflows uses token of the secret stagepost.",
        ),
        Text::new(
            "用注解订阅应用：notifications.argoproj.io/subscribe.stagepost.stagepost: \"\"",
            "Subscribe an application with the annotation notifications.argoproj.io/subscribe.stagepost.stagepost: \"\"",
        ),
        Text::new(
            "Argo CD 的 GitHub 服务只能使用 GitHub App，因此这里使用 Webhook 服务。",
            "The GitHub service of Argo CD works only with a GitHub App, so use the webhook service as below.",
        ),
        Text::new(
            "Argo CD 给出清单所在仓库的提交：须填写该仓库的路径。",
            "Argo CD names a commit of the repository with the manifests: use the path of that repository.",
        ),
        Text::new(
            "targetRevision 须为分支；为 HEAD 或没有时，分支或标签未知，任务归入该提交已有的流水线或默认分支。",
            "targetRevision must be a branch; if it is HEAD or absent, the ref is unknown, and the job belongs to a pipeline that the commit has, else to the default branch.",
        ),
        Text::new(
            "每次部署和每个工作流都有自己的 ID，因此重复运行是新的执行。Argo Workflows 中标签的 branch 为 refs/tags/名称。",
            "Every deployment and every workflow has an id, so a repetition is a new attempt. In Argo Workflows, branch of a tag is refs/tags/NAME.",
        ),
    ],
    snippets: &[
        Snippet {
            caption: Text::new(
                "Argo CD：ConfigMap argocd-notifications-cm",
                "Argo CD: ConfigMap argocd-notifications-cm",
            ),
            syntax: "yaml",
            template: r#"apiVersion: v1
kind: ConfigMap
metadata:
  name: argocd-notifications-cm
data:
  service.webhook.stagepost: |
    url: @server@
    headers:
      - name: Authorization
        value: Bearer $stagepost-token
      - name: Content-Type
        value: application/json
  template.stagepost: |
    webhook:
      stagepost:
        method: POST
        path: >-
          /api/v3/repos/@owner@/@repo@/check-runs{{with
          .app.spec.source.targetRevision}}{{if ne . "HEAD"}}?ref={{urlquery .}}{{end}}{{end}}
        body: |
          {
            "name": "deploy {{.app.metadata.name}}",
            "head_sha": "{{.app.status.operationState.syncResult.revision}}",
            "external_id": "{{.app.metadata.name}} {{.app.status.operationState.startedAt}}",
            "conclusion": "{{if eq .app.status.operationState.phase "Succeeded"}}success{{else}}failure{{end}}"
          }
  trigger.stagepost: |
    - when: app.status.operationState.phase in ['Succeeded', 'Error', 'Failed']
      oncePer: app.status.operationState.finishedAt
      send: [stagepost]
"#,
        },
        Snippet {
            caption: Text::new("Argo Workflows：Workflow 的 spec", "Argo Workflows: the spec of a Workflow"),
            syntax: "yaml",
            template: r#"  onExit: report
  arguments:
    parameters:
      - name: revision
      - name: branch
  templates:
    - name: report
      container:
        image: curlimages/curl
        command: [sh, -c]
        env:
          - name: TOKEN
            valueFrom:
              secretKeyRef:
                name: stagepost
                key: token
          - name: STATUS
            value: "{{workflow.status}}"
          - name: REVISION
            value: "{{workflow.parameters.revision}}"
          - name: BRANCH
            value: "{{workflow.parameters.branch}}"
          - name: RUN
            value: "{{workflow.name}}"
        args:
          - |
            if [ "$STATUS" = Succeeded ]; then RESULT=success; else RESULT=failure; fi
            curl --fail --silent --show-error --output /dev/null --header "Authorization: Bearer $TOKEN" \
              --json "{\"name\":\"workflow\",\"head_sha\":\"$REVISION\",\"external_id\":\"$RUN\",\"conclusion\":\"$RESULT\"}" \
              --url-query "ref=$BRANCH" "@server@/api/v3/repos/@owner@/@repo@/check-runs"
"#,
        },
    ],
    reads: false,
};
