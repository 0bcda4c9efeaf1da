//! The official SDKs, which read.

use super::{BuildSystem, Snippet};
use domain::language::Text;

const SUMMARY: Text = Text::new(
    "使用官方 CodeArts SDK 的程序无需修改代码即可读取流水线和任务。",
    "Programs with the official CodeArts SDK read pipelines and jobs without code changes.",
);
const KEYS: Text = Text::new(
    "SDK 用访问密钥（AK/SK）签名：stagepost key create 用户名，然后设置 CLOUD_SDK_AK 和 CLOUD_SDK_SK。",
    "SDKs sign with an access key (AK and SK): stagepost key create USER, then set CLOUD_SDK_AK and CLOUD_SDK_SK.",
);
const CHECK: Text = Text::new(
    "stagepost doctor 检查服务器、证书、时钟和密钥。",
    "stagepost doctor checks server, certificate, clock and key.",
);
const SETTINGS: Text = Text::new("SDK 的设置", "The settings of the SDK");

const ENVIRONMENT_CAPTION: Text =
    Text::new("或者：不使用命令行工具的环境变量", "Or the environment variables, without the command line");
/// The region is that of the samples; any other works as well.
const ENVIRONMENT: Snippet = Snippet {
    caption: ENVIRONMENT_CAPTION,
    syntax: "sh",
    template: "\
export HUAWEICLOUD_SDK_IAM_ENDPOINT=@origin@
export HUAWEICLOUD_SDK_REGION_CODEHUB_CN_NORTH_4=@origin@
export HUAWEICLOUD_SDK_REGION_CODEARTSREPO_CN_NORTH_4=@origin@
export CLOUD_SDK_AK=YOUR_AK
export CLOUD_SDK_SK=YOUR_SK
",
};

pub static PYTHON: BuildSystem = BuildSystem {
    name: "python-sdk",
    title: "CodeArts SDK: Python",
    summary: SUMMARY,
    notes: &[KEYS, CHECK],
    snippets: &[
        Snippet {
            caption: SETTINGS,
            syntax: "sh",
            template: "eval \"$(stagepost env python --server @server@)\"\n",
        },
        ENVIRONMENT,
    ],
    reads: true,
};

pub static GO: BuildSystem = BuildSystem {
    name: "go-sdk",
    title: "CodeArts SDK: Go",
    summary: SUMMARY,
    notes: &[
        KEYS,
        CHECK,
        Text::new("Go SDK 只支持 https 的 IAM 地址。", "The Go SDK requires an https IAM endpoint."),
    ],
    snippets: &[
        Snippet {
            caption: SETTINGS,
            syntax: "sh",
            template: "eval \"$(stagepost env go --server @server@)\"\n",
        },
        ENVIRONMENT,
    ],
    reads: true,
};

pub static JAVA: BuildSystem = BuildSystem {
    name: "java-sdk",
    title: "CodeArts SDK: Java",
    summary: SUMMARY,
    notes: &[KEYS, CHECK],
    snippets: &[
        Snippet {
            caption: SETTINGS,
            syntax: "sh",
            template: "eval \"$(stagepost env java --server @server@)\"\n",
        },
        ENVIRONMENT,
    ],
    reads: true,
};
