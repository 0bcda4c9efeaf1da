//! The official SDKs, which read.

use super::{BuildSystem, Snippet};
use domain::language::Text;

const SUMMARY: Text = Text::new(
    "官方 CodeArts SDK 的程序不改代码即可读取流水线和任务。",
    "Programs with the official CodeArts SDK read pipelines and jobs without a change of their code.",
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

pub static PYTHON: BuildSystem = BuildSystem {
    name: "python-sdk",
    title: "CodeArts SDK: Python",
    summary: SUMMARY,
    notes: &[KEYS, CHECK],
    snippets: &[Snippet {
        caption: SETTINGS,
        syntax: "sh",
        template: "eval \"$(stagepost env python --server @server@)\"\n",
    }],
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
    snippets: &[Snippet {
        caption: SETTINGS,
        syntax: "sh",
        template: "eval \"$(stagepost env go --server @server@)\"\n",
    }],
    reads: true,
};

pub static JAVA: BuildSystem = BuildSystem {
    name: "java-sdk",
    title: "CodeArts SDK: Java",
    summary: SUMMARY,
    notes: &[KEYS, CHECK],
    snippets: &[Snippet {
        caption: SETTINGS,
        syntax: "sh",
        template: "eval \"$(stagepost env java --server @server@)\"\n",
    }],
    reads: true,
};
