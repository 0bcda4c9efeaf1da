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
            "在密钥 argocd-notifications-secret 中添加 stagepost-token，值为令牌；Argo Workflows 使用密钥 stagepost 的 token。",
            "Add stagepost-token to the secret argocd-notifications-secret. Its value is the token. Argo Workflows uses token of the secret stagepost.",
        ),
        Text::new(
            "用注解订阅应用：notifications.argoproj.io/subscribe.stagepost.stagepost: \"\"",
            "Subscribe an application with the annotation notifications.argoproj.io/subscribe.stagepost.stagepost: \"\"",
        ),
        Text::new(
            "Argo CD 的 GitHub 服务只能使用 GitHub App，因此这里使用 webhook 服务。",
            "The GitHub service of Argo CD works with a GitHub App only, so this is its webhook service.",
        ),
        Text::new(
            "Argo CD 给出清单所在仓库的提交：须填写该仓库的路径。",
            "Argo CD names a commit of the repository with the manifests: use the path of that repository.",
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
      - name: PRIVATE-TOKEN
        value: $stagepost-token
      - name: Content-Type
        value: application/json
  template.stagepost: |
    webhook:
      stagepost:
        method: POST
        path: /api/v4/projects/@project@/statuses/{{.app.status.operationState.syncResult.revision}}
        body: |
          {
            "name": "deploy {{.app.metadata.name}}",
            "ref": "{{.app.spec.source.targetRevision}}",
            "state": "{{if eq .app.status.operationState.phase "Succeeded"}}success{{else}}failed{{end}}"
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
        args:
          - |
            if [ "$STATUS" = Succeeded ]; then STATE=success; else STATE=failed; fi
            curl --fail --silent --show-error --output /dev/null --header "PRIVATE-TOKEN: $TOKEN" \
              --data-urlencode "state=$STATE" --data-urlencode "name=workflow" --data-urlencode "ref=$BRANCH" \
              "@server@/api/v4/projects/@project@/statuses/$REVISION"
"#,
        },
    ],
    reads: false,
};
