//! Users, their access keys and tokens.

use crate::openapi::operation::{Operation, operation};
use wire::native::accounts::{
    Key, KeyList, NewKey, NewToken, NewUser, Token, TokenList, User, UserChange, UserList, WhoAmI,
};

pub fn operations() -> Vec<Operation> {
    let mut all = users();
    all.extend(credentials());
    all
}

fn users() -> Vec<Operation> {
    vec![
        operation(
            "WhoAmI",
            ("查询当前用户", "Get the caller"),
            ("所用凭证属于谁、能做什么。", "The user of the credential, and its scope."),
        )
        .returns::<WhoAmI>(200),
        operation("Users", ("列出用户", "List users"), ("按名称排序。", "By name.")).returns::<UserList>(200),
        operation(
            "CreateUser",
            ("创建用户", "Create a user"),
            (
                "没有密码的用户只能用密钥和令牌。",
                "A user without a password can only use access keys and tokens.",
            ),
        )
        .takes::<NewUser>()
        .returns::<User>(201),
        operation(
            "ChangeUser",
            ("修改用户", "Change a user"),
            (
                "未给出的字段不变；改密码会结束其会话。",
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
            ("列出访问密钥", "List access keys"),
            ("自己的；管理员可看所有人的。", "The caller's own; administrators see those of every user."),
        )
        .returns::<KeyList>(200)
        .errors_with(&[403, 404]),
        operation(
            "CreateKey",
            ("创建访问密钥", "Create an access key"),
            ("SK 只在本次响应中返回。", "The SK is only in this response."),
        )
        .may_take::<NewKey>()
        .returns::<Key>(201)
        .errors_with(&[403, 404]),
        operation(
            "DeleteKey",
            ("删除访问密钥", "Delete an access key"),
            ("立即失效。", "It becomes invalid immediately."),
        )
        .returns_nothing(204)
        .errors_with(&[403, 404]),
        operation(
            "Tokens",
            ("列出令牌", "List tokens"),
            ("自己的；管理员可看所有人的。", "The caller's own; administrators see those of every user."),
        )
        .returns::<TokenList>(200)
        .errors_with(&[403, 404]),
        operation(
            "CreateToken",
            ("创建令牌", "Create a token"),
            ("令牌只在本次响应中返回。", "The token is only in this response."),
        )
        .takes::<NewToken>()
        .returns::<Token>(201)
        .errors_with(&[403, 404]),
        operation(
            "DeleteToken",
            ("删除令牌", "Delete a token"),
            ("立即失效。", "It becomes invalid immediately."),
        )
        .returns_nothing(204)
        .errors_with(&[403, 404]),
    ]
}
