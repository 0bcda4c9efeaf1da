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
            ("查询当前用户", "Who am I"),
            ("所用凭证属于谁、能做什么。", "Whose the credential is, and what it may do."),
        )
        .returns::<WhoAmI>(200),
        operation("Users", ("列出用户", "List users"), ("按名称排序。", "By name.")).returns::<UserList>(200),
        operation(
            "CreateUser",
            ("创建用户", "Create a user"),
            ("没有密码的用户只能用密钥和令牌。", "One without a password signs in by keys and tokens only."),
        )
        .takes::<NewUser>()
        .returns::<User>(201),
        operation(
            "ChangeUser",
            ("修改用户", "Change a user"),
            ("未给出的字段不变；改密码会结束其会话。", "What is absent stays; a new password ends sessions."),
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
            ("自己的；管理员可看所有人的。", "One's own; an administrator sees everybody's."),
        )
        .returns::<KeyList>(200)
        .errors_with(&[403, 404]),
        operation(
            "CreateKey",
            ("创建访问密钥", "Create an access key"),
            ("SK 只在此次应答中给出。", "The SK is in this answer only."),
        )
        .may_take::<NewKey>()
        .returns::<Key>(201)
        .errors_with(&[403, 404]),
        operation(
            "DeleteKey",
            ("删除访问密钥", "Delete an access key"),
            ("立即失效。", "It is refused at once."),
        )
        .returns_nothing(204)
        .errors_with(&[403, 404]),
        operation(
            "Tokens",
            ("列出令牌", "List tokens"),
            ("自己的；管理员可看所有人的。", "One's own; an administrator sees everybody's."),
        )
        .returns::<TokenList>(200)
        .errors_with(&[403, 404]),
        operation(
            "CreateToken",
            ("创建令牌", "Create a token"),
            ("令牌只在此次应答中给出。", "The token is in this answer only."),
        )
        .takes::<NewToken>()
        .returns::<Token>(201)
        .errors_with(&[403, 404]),
        operation("DeleteToken", ("删除令牌", "Delete a token"), ("立即失效。", "It is refused at once."))
            .returns_nothing(204)
            .errors_with(&[403, 404]),
    ]
}
