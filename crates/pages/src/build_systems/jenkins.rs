//! Jenkins: one entry for each plugin that reports statuses.

use super::{BuildSystem, Snippet};
use domain::language::Text;

/// The place of the settings of a plugin.
const CONFIGURATION_AS_CODE: Text = Text::new(
    "系统设置（Configuration as Code，也可在“系统管理”中填写）",
    "System configuration (Configuration as Code; the page System has the same fields)",
);
const JENKINSFILE: Text = Text::new("Jenkinsfile", "Jenkinsfile");

pub static GITLAB: BuildSystem = BuildSystem {
    name: "jenkins-gitlab",
    title: "Jenkins: GitLab plugin",
    summary: Text::new(
        "Jenkins 的 GitLab 插件通过 GitLab 接口上报。",
        "The GitLab plugin of Jenkins reports to the GitLab API.",
    ),
    notes: &[
        Text::new(
            "在 Jenkins 中创建类型为“GitLab API token”、ID 为 stagepost 的凭据，值为令牌。",
            "Create a credential of the kind GitLab API token in Jenkins. Its id is stagepost, its value the token.",
        ),
        Text::new(
            "builds 指定仓库和提交；不指定时，插件使用作业检出的仓库的路径。",
            "builds names the repository and the commit; without it the plugin uses the path of the repository that the job checks out.",
        ),
    ],
    snippets: &[
        Snippet {
            caption: CONFIGURATION_AS_CODE,
            syntax: "yaml",
            template: r#"unclassified:
  gitLabConnectionConfig:
    connections:
      - name: "stagepost"
        url: "@server@"
        apiTokenId: "stagepost"
        clientBuilderId: "v4"
        connectionTimeout: 10
        readTimeout: 10
        ignoreCertificateErrors: false
"#,
        },
        Snippet {
            caption: JENKINSFILE,
            syntax: "groovy",
            template: r#"node {
  checkout scm
  def commit = sh(script: 'git rev-parse HEAD', returnStdout: true).trim()
  gitlabCommitStatus(
      name: 'build',
      connection: gitLabConnection('stagepost'),
      builds: [[projectId: '@path@', revisionHash: commit]]) {
    sh './build.sh'
  }
}
"#,
        },
    ],
    reads: false,
};

pub static GITHUB: BuildSystem = BuildSystem {
    name: "jenkins-github",
    title: "Jenkins: GitHub plugin",
    summary: Text::new(
        "Jenkins 的 GitHub 插件通过 GitHub 接口上报提交状态。",
        "The GitHub plugin of Jenkins reports commit statuses to the GitHub API.",
    ),
    notes: &[
        Text::new(
            "在 Jenkins 中创建类型为“Secret text”、ID 为 stagepost 的凭据，值为令牌。",
            "Create a credential of the kind Secret text in Jenkins. Its id is stagepost, its value the token.",
        ),
        Text::new(
            "GitHub Branch Source 插件只向它扫描的服务器上报，无法另设地址；请使用下面的步骤。",
            "The plugin GitHub Branch Source reports only to the server that it scans. Use the step below.",
        ),
        Text::new(
            "插件不发送分支：任务归入该提交已有的流水线，没有时归入默认分支。",
            "The plugin sends no branch: the job belongs to a pipeline that the commit has, else to the default branch.",
        ),
        Text::new(
            "GitHub Checks 插件使用 GitHub App 的凭据，不能使用令牌。",
            "The plugin GitHub Checks needs the credential of a GitHub App; it cannot use a token.",
        ),
    ],
    snippets: &[
        Snippet {
            caption: CONFIGURATION_AS_CODE,
            syntax: "yaml",
            template: r#"unclassified:
  gitHubPluginConfig:
    configs:
      - name: "stagepost"
        apiUrl: "@server@/api/v3"
        credentialsId: "stagepost"
        manageHooks: false
"#,
        },
        Snippet {
            caption: JENKINSFILE,
            syntax: "groovy",
            template: r#"def report(String commit, String state) {
  step([
      $class: 'GitHubCommitStatusSetter',
      reposSource: [$class: 'ManuallyEnteredRepositorySource', url: '@origin@/@owner@/@repo@'],
      commitShaSource: [$class: 'ManuallyEnteredShaSource', sha: commit],
      contextSource: [$class: 'ManuallyEnteredCommitContextSource', context: 'build'],
      statusResultSource: [$class: 'ConditionalStatusResultSource',
          results: [[$class: 'AnyBuildResult', message: env.BUILD_TAG, state: state]]]
  ])
}

node {
  checkout scm
  def commit = sh(script: 'git rev-parse HEAD', returnStdout: true).trim()
  report(commit, 'PENDING')
  try {
    sh './build.sh'
    report(commit, 'SUCCESS')
  } catch (failure) {
    report(commit, 'FAILURE')
    throw failure
  }
}
"#,
        },
    ],
    reads: false,
};

pub static BITBUCKET: BuildSystem = BuildSystem {
    name: "jenkins-bitbucket",
    title: "Jenkins: Bitbucket Server Notifier",
    summary: Text::new(
        "Jenkins 的 Bitbucket Server Notifier 插件通过 Bitbucket Server 接口上报。",
        "The plugin Bitbucket Server Notifier of Jenkins reports to the Bitbucket Server API.",
    ),
    notes: &[
        Text::new(
            "在 Jenkins 中创建类型为“Username with password”、ID 为 stagepost 的凭据，用户名任意，密码为令牌。",
            "Create a credential of the kind Username with password in Jenkins. Its id is stagepost, its password the token, and its user name any text.",
        ),
        Text::new(
            "该接口的地址中没有仓库，因此令牌必须只限于这一个仓库。",
            "The address of this API names no repository, so the token must be limited to this repository alone.",
        ),
        Text::new(
            "Bitbucket Branch Source 插件只向它扫描的服务器上报，无法另设地址。",
            "The plugin Bitbucket Branch Source reports only to the server that it scans.",
        ),
    ],
    snippets: &[Snippet {
        caption: JENKINSFILE,
        syntax: "groovy",
        template: r#"def report(String commit, String state) {
  notifyBitbucket(
      stashServerBaseUrl: '@server@',
      credentialsId: 'stagepost',
      commitSha1: commit,
      buildStatus: state,
      buildName: 'build',
      projectKey: '',
      considerUnstableAsSuccess: false,
      disableInprogressNotification: false,
      ignoreUnverifiedSSLPeer: false,
      includeBuildNumberInKey: false,
      prependParentProjectKey: false)
}

node {
  checkout scm
  def commit = sh(script: 'git rev-parse HEAD', returnStdout: true).trim()
  report(commit, 'INPROGRESS')
  try {
    sh './build.sh'
    report(commit, 'SUCCESSFUL')
  } catch (failure) {
    report(commit, 'FAILED')
    throw failure
  }
}
"#,
    }],
    reads: false,
};

pub static GITEA: BuildSystem = BuildSystem {
    name: "jenkins-gitea",
    title: "Jenkins: Gitea and Forgejo",
    summary: Text::new(
        "使用 Gitea 或 Forgejo 的 Jenkins 作业通过 Gitea 接口上报。",
        "Jenkins jobs of Gitea or Forgejo repositories report to the Gitea API.",
    ),
    notes: &[
        Text::new(
            "Jenkins 的 Gitea 插件只向它扫描的 Gitea 上报，无法另设地址；请在 Jenkinsfile 中用 curl 上报。",
            "The Gitea plugin of Jenkins reports only to the Gitea that it scans. Report with curl in the Jenkinsfile.",
        ),
        Text::new(
            "分支取自多分支流水线的变量；其他作业没有这些变量，任务归入该提交已有的流水线或默认分支。",
            "The ref is that of a multibranch pipeline; other jobs have none, and belong to a pipeline that the commit has, else to the default branch.",
        ),
        Text::new(
            "在 Jenkins 中创建类型为“Secret text”、ID 为 stagepost 的凭据，值为令牌。",
            "Create a credential of the kind Secret text in Jenkins. Its id is stagepost, its value the token.",
        ),
    ],
    snippets: &[Snippet {
        caption: JENKINSFILE,
        syntax: "groovy",
        template: r#"def report(String state) {
  def ref = env.TAG_NAME ? "refs/tags/${env.TAG_NAME}" : env.CHANGE_BRANCH ?: env.BRANCH_NAME
  def query = ref ? '?ref=' + URLEncoder.encode(ref, 'UTF-8') : ''
  withCredentials([string(credentialsId: 'stagepost', variable: 'TOKEN')]) {
    withEnv(["STATE=${state}", "QUERY=${query}"]) {
      sh '''
        curl --fail --silent --show-error --output /dev/null --header "Authorization: token $TOKEN" \
          --data-urlencode "state=$STATE" --data-urlencode "context=build" --data-urlencode "target_url=$BUILD_URL" \
          "@server@/api/v1/repos/@owner@/@repo@/statuses/$(git rev-parse HEAD)$QUERY"
      '''
    }
  }
}

node {
  checkout scm
  report('pending')
  try {
    sh './build.sh'
    report('success')
  } catch (failure) {
    report('failure')
    throw failure
  }
}
"#,
    }],
    reads: false,
};
