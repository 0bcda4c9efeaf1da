//! Users, their access keys and tokens.

use crate::openapi::operation::{Operation, operation};
use wire::native::accounts::{
    Identity, IdentityList, Key, KeyList, NewIdentity, NewKey, NewToken, NewUser, Token, TokenList, User,
    UserChange, UserList, WhoAmI,
};

pub fn operations() -> Vec<Operation> {
    let mut all = users();
    all.extend(credentials());
    all.extend(identities());
    all
}

fn users() -> Vec<Operation> {
    vec![
        operation(
            "WhoAmI",
            ("查询当前用户", "Get the caller"),
            (
                "当前凭据所属的用户及其权限范围。",
                "The user of the credential, and the scope of the credential.",
            ),
        )
        .returns::<WhoAmI>(200),
        operation("Users", ("查询用户列表", "List users"), ("按名称排序。", "By name."))
            .returns::<UserList>(200),
        operation(
            "CreateUser",
            ("创建用户", "Create a user"),
            (
                "未设置密码的用户只能使用访问密钥和令牌。",
                "A user without a password can only use access keys and tokens.",
            ),
        )
        .takes::<NewUser>()
        .returns::<User>(201),
        operation(
            "ChangeUser",
            ("修改用户", "Change a user"),
            (
                "未指定的字段保持不变；修改密码后该用户的会话将失效。",
                "Absent fields stay unchanged. A new password ends the user's sessions.",
            ),
        )
        .takes::<UserChange>()
        .returns::<User>(200)
        .errors_with(&[404]),
    ]
}

fn credentials() -> Vec<Operation> {
    vec![
        operation(
            "Keys",
            ("查询访问密钥列表", "List access keys"),
            (
                "返回当前用户的；管理员可查看任一用户的。",
                "Those of the caller; administrators see those of every user.",
            ),
        )
        .returns::<KeyList>(200)
        .errors_with(&[403, 404]),
        operation(
            "CreateKey",
            ("创建访问密钥", "Create an access key"),
            ("SK 仅在本次响应中返回。", "Only this response contains the SK."),
        )
        .may_take::<NewKey>()
        .returns::<Key>(201)
        .errors_with(&[403, 404]),
        operation(
            "DeleteKey",
            ("删除访问密钥", "Delete an access key"),
            ("删除后立即失效。", "It becomes invalid immediately."),
        )
        .returns_nothing(204)
        .errors_with(&[403, 404]),
        operation(
            "Tokens",
            ("查询令牌列表", "List tokens"),
            (
                "返回当前用户的；管理员可查看任一用户的。",
                "Those of the caller; administrators see those of every user.",
            ),
        )
        .returns::<TokenList>(200)
        .errors_with(&[403, 404]),
        operation(
            "CreateToken",
            ("创建令牌", "Create a token"),
            ("令牌仅在本次响应中返回。", "Only this response contains the token."),
        )
        .takes::<NewToken>()
        .returns::<Token>(201)
        .errors_with(&[403, 404]),
        operation(
            "DeleteToken",
            ("删除令牌", "Delete a token"),
            ("删除后立即失效。", "It becomes invalid immediately."),
        )
        .returns_nothing(204)
        .errors_with(&[403, 404]),
    ]
}

fn identities() -> Vec<Operation> {
    vec![
        operation(
            "Identities",
            ("查询外部账号列表", "List identities"),
            (
                "可用于登录该用户的外部账号；管理员可查看任一用户的。",
                "The external accounts with which the user signs in; administrators see those of every user.",
            ),
        )
        .returns::<IdentityList>(200)
        .errors_with(&[403, 404]),
        operation(
            "LinkIdentity",
            ("关联外部账号", "Link an identity"),
            (
                "此后使用该外部账号登录即登录为此用户；已关联其他用户的外部账号须先解除关联。",
                "The account signs in as this user from now on. An account that is linked to another user must be unlinked first.",
            ),
        )
        .takes::<NewIdentity>()
        .returns::<Identity>(201)
        .errors_with(&[404]),
        operation(
            "UnlinkIdentity",
            ("解除外部账号关联", "Unlink an identity"),
            (
                "使用该外部账号登录后产生的会话和令牌，以及其所属组授予的权限，立即失效。",
                "The sessions and tokens created through it, and the permissions of its groups, end immediately.",
            ),
        )
        .returns_nothing(204)
        .errors_with(&[403, 404]),
    ]
}
