//! Messages about connections, certificates and credentials.

texts! {
    NoCertificate = "{path} 中没有 PEM 格式的证书", "{path} contains no certificate in PEM format";
    CertificateRejected =
        "服务器证书不受信任：{reason}（用 --ca 或 STAGEPOST_CA 指定要信任的证书）",
        "the server certificate is not trusted: {reason} (specify a certificate to trust with --ca or STAGEPOST_CA)";
    ServerWithoutTls = "该端口不支持 TLS，请使用 http://", "the server does not use TLS on this port: use http://";
    ServerOnlyTls =
        "响应不是 HTTP；如果该端口只支持 TLS，请使用 https://",
        "the response is not HTTP; if the port uses TLS, use https://";
    CertificateUnknownIssuer = "证书及其签发者均不受信任", "neither the certificate nor its issuer is trusted";
    CertificateExpired = "证书已过期", "the certificate has expired";
    CertificateNotYetValid = "证书尚未生效，请检查时钟", "the certificate is not valid yet: check the clock";
    CertificateName = "证书不适用于该主机名", "the certificate is not valid for this host name";
    CertificateInvalid = "证书无效", "the certificate is not valid";
    HandshakeFailed = "TLS 握手失败", "the TLS handshake failed";
    ConnectionTimedOut = "请求超时", "the request timed out";
    ConnectionRefused = "连接被拒绝", "the connection was refused";
    HostUnknown = "无法解析主机名", "the host name cannot be resolved";
    ConnectionClosed = "服务器未返回响应就关闭了连接", "the server closed the connection without a response";
    ServerUnreachable = "无法连接服务器：{reason}", "cannot reach the server: {reason}";
    CredentialRejected = "凭据缺失或无效：{reason}", "the credential is missing or invalid: {reason}";
    PermissionDenied = "没有权限：{reason}", "permission denied: {reason}";
    ServerOverloaded = "服务器繁忙：{reason}", "the server is overloaded: {reason}";
    ConnectNeedsNoToken =
        "{name} 用访问密钥签名，不需要令牌",
        "{name} signs requests with an access key and needs no token";
    ConnectNoRepository =
        "未指定仓库；用 --repo 或 STAGEPOST_REPO 指定后会填入其路径",
        "no repository specified: use --repo or STAGEPOST_REPO to fill in its path";
}
