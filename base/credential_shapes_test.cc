#include "base/credential_shapes.h"

#include <ctime>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/redact.h"
#include "gtest/gtest.h"

namespace base {
namespace {

// Hides, and a second time changes nothing.
void ExpectHidden(const std::string& text, const std::string& want) {
  const std::string hidden = HideCredentials(text);
  EXPECT_EQ(hidden, want) << text;
  EXPECT_EQ(HideCredentials(hidden), hidden) << text;
  EXPECT_EQ(HasCredentials(text), text != want) << text;
  EXPECT_FALSE(HasCredentials(hidden)) << text;
}

TEST(Credentials, InUrlsAreTheUserInfoOnly) {
  ExpectHidden("mysql://u:p@h:1/d", "mysql://(sensitive)@h:1/d");
  ExpectHidden("x a://u@h y b://:p@h?q z",
               "x a://(sensitive)@h y b://(sensitive)@h?q z");
  ExpectHidden("mysql://u:p/w#d@h/db", "mysql://(sensitive)@h/db");
  ExpectHidden("mysql://u:p@w@h/db", "mysql://(sensitive)@h/db");
  ExpectHidden("jdbc:mysql://u:p@h/db", "jdbc:mysql://(sensitive)@h/db");
  ExpectHidden("jdbc:mysql://h/db?user=u&password=p",
               "jdbc:mysql://h/db?user=u&password=(sensitive)");
  ExpectHidden("jdbc:sqlserver://h:1433;user=sa;password=p;encrypt=true",
               "jdbc:sqlserver://h:1433;user=sa;password=(sensitive);"
               "encrypt=true");
  ExpectHidden("jdbc:oracle:thin:scott/tiger@h:1521/x",
               "jdbc:oracle:thin:(sensitive)@h:1521/x");
  for (const char* text :
       {"https://h:80/a@b", "https://h/a@b", "\"https://h\" me@x", "://", "",
        "oci://registry:5000/wandb/local:1@sha256:0123",
        "ssh://git@github.com/wandb/x", "jdbc:oracle:thin:@h:1521:x"}) {
    ExpectHidden(text, text);
  }
}

TEST(Credentials, HaveSeparatorsThatArePercentEncoded) {
  ExpectHidden("proxy=user%3Aword%40host", "proxy=(sensitive)%40host");
  ExpectHidden("https://x/?next=https%3A%2F%2Fuser%3Aword%40host%2Fpath",
               "https://x/?next=https%3A%2F%2F(sensitive)%40host%2Fpath");
  ExpectHidden("next=https%3a%2f%2fuser%3aword%40host",
               "next=https%3a%2f%2f(sensitive)%40host");
  ExpectHidden("https%253A%252F%252Fuser%253Aword%2540host",
               "https%253A%252F%252F(sensitive)%2540host");
  ExpectHidden("/cb?state=password%3Dword%26x%3D1",
               "/cb?state=password%3D(sensitive)%26x%3D1");
  ExpectHidden("q=%7B%22password%22%3A%22word%22%7D",
               "q=%7B%22password%22%3A%22(sensitive)%22%7D");
  ExpectHidden("to%3Aghp_abcdefghij0123 x", "to%3A(sensitive) x");
  ExpectHidden("u:p%40ss@h%2Fx", "(sensitive)@h%2Fx");
  for (const char* text :
       {"https://h/a%40b", "https://h:80/a%40b",
        "/api/v1/secrets?fieldSelector=metadata.name%3Dwandb-spec-user",
        "/x?labelSelector=app%3Dwandb%2Ctier%21%3Dweb", "100%25 of 3%3A4",
        "image=wandb%2Flocal%3A0.79.0%40sha256%3A0123abcd", "me%40example.com",
        "%", "%4", "%zz", "%3A", "a%3A%40b", "%d of %s: %v"}) {
    ExpectHidden(text, text);
  }
}

TEST(Credentials, NeedNoScheme) {
  ExpectHidden("AKIAIOSFODNN7:wJalr/XUtn+FEMI@store.internal:9000/files",
               "(sensitive)@store.internal:9000/files");
  ExpectHidden("u:p@tcp(db:3306)/wandb?tls=true",
               "(sensitive)@tcp(db:3306)/wandb?tls=true");
  ExpectHidden(":p@redis:6379", "(sensitive)@redis:6379");
  ExpectHidden("to=u:p@w@h/x", "to=(sensitive)@h/x");
  for (const char* text :
       {"me@example.com", "mailto:me@example.com", "a:@b", "u@h:1",
        "docker.io/wandb/local:0.79.0@sha256:0123abcd",
        "wandb/local:0.79.0@sha256:0123abcd",
        "serviceAccount:w@p.iam.gserviceaccount.com",
        "arn:aws:sts::1:assumed-role/x/me@example.com", "git@github.com:w/x",
        "10:30 @ noon", "npm:@scope/package"}) {
    ExpectHidden(text, text);
  }
}

TEST(Credentials, AreNotWhatIsFilledInLater) {
  for (const char* text :
       {"mysql://$(MYSQL_USER):$(MYSQL_PASSWORD)@$(MYSQL_HOST):3306/db",
        "ldap://cn=x:$(LDAP_BIND_PW)@h", "u:${PASSWORD}@tcp(h)/db",
        "password=$(MYSQL_PASSWORD)", "--password=$PASSWORD",
        "password: {{ .Values.global.mysql.password }}", "token=%s",
        "key: {{ (include \"wandb.bucket\" . | fromYaml).secretKey }}",
        "password=", "password: \"\"", "secret: {}"}) {
    ExpectHidden(text, text);
  }
  ExpectHidden("u:$(P)w@tcp(h)", "(sensitive)@tcp(h)");
  ExpectHidden("password={{ \"literal\" }}", "password=(sensitive)");
}

TEST(Credentials, FollowAuthorizationSchemes) {
  ExpectHidden("sent Bearer abc123 to it", "sent Bearer (sensitive) to it");
  ExpectHidden("bearer%20abc123", "bearer%20(sensitive)");
  ExpectHidden("Basic dTpw!", "Basic (sensitive)!");  // u:p
  ExpectHidden("basic%20dTpwdw%3D%3D&x", "basic%20(sensitive)&x");
  ExpectHidden("Authorization: Token abc def", "Authorization: (sensitive)");
  ExpectHidden("-H 'Authorization: Bearer abc' x",
               "-H 'Authorization: (sensitive)' x");
  ExpectHidden("authorization=Bearer%20abc,b=c", "authorization=(sensitive)");
  for (const char* text :
       {"no bearer token was sent", "basic authentication is off", "Basic",
        "a bearer", "basic: not supported"}) {
    ExpectHidden(text, text);
  }
}

TEST(Credentials, FollowNamesThatLookSecret) {
  ExpectHidden("password=hunter2 next", "password=(sensitive) next");
  ExpectHidden("DB_PASSWORD='a b' x", "DB_PASSWORD='(sensitive)' x");
  ExpectHidden("{\"apiKey\": \"a \\\"b\\\" c\", \"x\": 1}",
               "{\"apiKey\": \"(sensitive)\", \"x\": 1}");
  ExpectHidden("{\\\"password\\\":\\\"a\\\",\\\"x\\\":1}",
               "{\\\"password\\\":\\\"(sensitive)\\\",\\\"x\\\":1}");
  ExpectHidden("{\"password\":12345}", "{\"password\":(sensitive)");
  ExpectHidden("passwords: [a, b]", "passwords: [(sensitive)]");
  ExpectHidden("a: 1\ntoken: x\nb: 2", "a: 1\ntoken: (sensitive)\nb: 2");
  ExpectHidden("run --password=x --token y --port 1",
               "run --password=(sensitive) --token (sensitive) --port 1");
  // A value may begin with a dash; a flag follows where one stands for itself.
  ExpectHidden("run --token -dashsecret --port 1",
               "run --token (sensitive) --port 1");
  ExpectHidden("--token --7f/x y", "--token (sensitive) y");
  for (const char* text : {"--token --port 1", "--token -v x", "--token -- x",
                           "-token -v", "--password -"}) {
    ExpectHidden(text, text);
  }
  ExpectHidden(
      "DefaultEndpointsProtocol=https;AccountName=n;AccountKey=a+/=="
      ";EndpointSuffix=s",
      "DefaultEndpointsProtocol=https;AccountName=n;AccountKey="
      "(sensitive);EndpointSuffix=s");
  ExpectHidden("https://s.blob.core.windows.net/c?sv=1&sig=a%2B&se=2",
               "https://s.blob.core.windows.net/c?sv=1&sig=(sensitive)&se=2");
  ExpectHidden("https://s3/x?X-Amz-Credential=a&X-Amz-Signature=b&y=1",
               "https://s3/x?X-Amz-Credential=(sensitive)&X-Amz-Signature="
               "(sensitive)&y=1");
  ExpectHidden("https://maps/x?key=abc", "https://maps/x?key=(sensitive)");
  ExpectHidden("(using password: hunter2)", "(using password: (sensitive)");
  ExpectHidden(":password => \"x\"", ":password => \"(sensitive)\"");
}

TEST(Credentials, FollowNamesWithoutASign) {
  ExpectHidden("aws_secret_access_key wJalrXUtnFEMI/K7MDENG+bPxR x",
               "aws_secret_access_key (sensitive) x");
  ExpectHidden("aws configure set aws_session_token Abc123/xyz",
               "aws configure set aws_session_token (sensitive)");
  ExpectHidden("DB_PASSWORD hunter22", "DB_PASSWORD (sensitive)");
  for (const char* text :
       {"couldn't find key MYSQL_PASSWORD in Secret default/wandb-mysql",
        "key MYSQL_PASSWORD \"x1\" not found", "DB_PASSWORD is required",
        "no aws_secret_access_key given", "MYSQL_PASSWORD wandb-mysql-0"}) {
    ExpectHidden(text, text);
  }
}

TEST(Credentials, AreLiteralsOfKubectl) {
  ExpectHidden(
      "kubectl create secret generic x --from-literal=p=X --from-"
      "literal q=12 -n y",
      "kubectl create secret generic x --from-literal=p=(sensitive) "
      "--from-literal q=(sensitive) -n y");
  ExpectHidden("--from-literal='p=a b' y", "--from-literal='p=(sensitive)' y");
  ExpectHidden("--from-literal=p='a b' y", "--from-literal=p='(sensitive)' y");
  for (const char* text : {"--from-literal=p=$P", "--from-literal p",
                           "--from-literal", "--from-file=p=x"}) {
    ExpectHidden(text, text);
  }
}

TEST(Credentials, AreInElements) {
  ExpectHidden("<a><user>u</user><password>X y</password></a>",
               "<a><user>u</user><password>(sensitive)</password></a>");
  ExpectHidden("<password type=\"x\">X</password>",
               "<password type=\"x\">(sensitive)</password>");
  ExpectHidden("<apiKey>X7", "<apiKey>(sensitive)");
  for (const char* text :
       {"<password/>", "<password></password>", "<passwordRequired>true</x>",
        "<author>X</author>", "a <password", "set <password> first",
        "<username>:<password>@<host>"}) {
    ExpectHidden(text, text);
  }
}

TEST(Credentials, AreUserInfoOfOracle) {
  ExpectHidden("sqlplus u/X@host:1521/XE", "sqlplus (sensitive)@host:1521/XE");
  ExpectHidden("to=u/X@db.example.com:1521",
               "to=(sensitive)@db.example.com:1521");
  for (const char* text :
       {"wandb/local@sha256:0123abcd", "docker.io/wandb/x@sha256:0123",
        "@scope/name@1.2.3", "a/b@host", "/home/u@host:22", "u@host:1521",
        "a/b@v1:x"}) {
    ExpectHidden(text, text);
  }
}

TEST(Credentials, AreHashesOfPasswords) {
  const std::string salted =
      "N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";
  for (const char* method : {"$2a$10$", "$2b$10$", "$2y$05$"}) {
    ExpectHidden(absl::StrCat("admin:", method, salted, " x"),
                 "admin:(sensitive) x");
  }
  ExpectHidden("u:$apr1$r31xabcd$HqJZimcKQFAMYayBlzkrA/ x", "u:(sensitive) x");
  ExpectHidden("$6$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iw",
               "(sensitive)");
  for (const char* text :
       {"$1$2", "costs $2a$ or $6$", "$2y$10$short", "${1}$5$", "regex ^$1$"}) {
    ExpectHidden(text, text);
  }
}

TEST(Credentials, HaveNamesThatGroupSettingsAsWell) {
  ExpectHidden("{\"auths\":{\"h\":{\"auth\":\"dTpw\"}}}",
               "{\"auths\":{\"h\":{\"auth\":\"(sensitive)\"}}}");
  ExpectHidden("X-Auth: abc1", "X-Auth: (sensitive)");
  ExpectHidden("smtpAuth=abc1", "smtpAuth=(sensitive)");
  ExpectHidden("webhookUrl: https://h/x", "webhookUrl: (sensitive)");
  for (const char* text :
       {"auth.enabled: true", "auth: true", "smtpAuth=false",
        "oidc.authMethod: pkce", "author: X", "auth: failed to connect",
        "kubeconfig: open /x: no such file", "--kubeconfig /etc/kube/config",
        "kubeconfig=\"/x\"", "sessionId: 12", "iam_auth=true"}) {
    ExpectHidden(text, text);
  }
}

TEST(Credentials, AreNotWhatMessagesSayAboutThem) {
  for (const char* text :
       {"Error: secret \"wandb-mysql\" not found",
        "failed to get secret: not found",
        "token: unexpected end of file",
        "cannot read token: connection refused",
        "secrets \"x\" is forbidden: User \"u\" cannot get resource",
        "couldn't find key MYSQL_PASSWORD in Secret default/wandb-mysql",
        "MountVolume.SetUp failed for volume \"secret\" : secret \"x\" not "
        "found",
        "http://token-service:8080/x",
        "token.go:17",
        "secret://x",
        "password == other",
        "{\"secret\": {\"name\": \"x\"}}",
        "automountServiceAccountToken: false",
        "maxTokensPerRequest=100",
        "secretName: wandb-tls",
        "existingSecret=x",
        "passwordKey: PASSWORD",
        "- key: dedicated",
        "sort by key=name",
        "key: value",
        "arn:aws:secretsmanager:us-east-1:1:secret:wandb-a1b2c3",
        "a flag needs --password",
        "invalid spec: spec.values.a is wrong"}) {
    ExpectHidden(text, text);
  }
}

TEST(Credentials, AreNotTheNextWordOfWhateverNamesASecret) {
  for (const char* text :
       {"require-secret-labels: label team",
        "policy violation: disallow-secrets: autogen-check: rule failed",
        "check-secret-labels: missing, team", "SecretStore: default is wrong",
        "secretStore: vault", "licenseServer: licenses.example.com",
        "spec.primaryKey: user_id", "\"primaryKey\": \"id\"",
        "keyUsages: signing", "passwordPolicy: has too few rules",
        "exceeded quota: q, requested: secrets=1, used: secrets=10, limited: "
        "secrets=10",
        "used: count/secrets=10,services=1",
        "global.mysql.password: it is required",
        "execution error at (x.yaml:1:2): global.mysql.password: please set "
        "it"}) {
    ExpectHidden(text, text);
  }
  ExpectHidden("require-secret-labels: s3cr3t",
               "require-secret-labels: (sensitive)");
  ExpectHidden("primaryKey: Zm9vYmFyCg==", "primaryKey: (sensitive)");
  ExpectHidden("secrets=1a", "secrets=(sensitive)");
  ExpectHidden("password: it", "password: (sensitive)");
  ExpectHidden("password: correct horse", "password: (sensitive) horse");
  ExpectHidden("passwordHint: canary", "passwordHint: (sensitive)");
  ExpectHidden("passwordHint: s3cr3t word", "passwordHint: (sensitive) word");
}

TEST(Credentials, HaveIssuersWithPrefixes) {
  ExpectHidden("ghp_abcdefghij1 x", "(sensitive) x");
  ExpectHidden("\"xoxb-1234567890-abc\"", "\"(sensitive)\"");
  ExpectHidden("glpat-abcdefghijkl", "(sensitive)");
  ExpectHidden("AKIAIOSFODNN7EXAMPLE", "(sensitive)");
  ExpectHidden("eyJhbGciOi.eyJzdWIi.sig-_ end", "(sensitive) end");
  ExpectHidden("eyJhbGciOi.eyJzdWIi.", "(sensitive).");
  ExpectHidden("https://hooks.slack.com/services/T0/B0/abcdef",
               "https://hooks.slack.com/(sensitive)");
  ExpectHidden("https://discord.com/api/webhooks/1/abcdef",
               "https://discord.com/api/webhooks/(sensitive)");
  ExpectHidden("https://chat.example.com/hooks/a1b2c3d4e5f6g7h8",
               "https://chat.example.com/hooks/(sensitive)");
  for (const char* text :
       {"eyJustAWord. And keyJ.x", "ghp_short", "npm_config_cache",
        "scikit sk-learn", "https://svc/hooks/validate", "a-ghp_abcdefghijkl",
        "hf_hub", "https://hooks.example.com/x"}) {
    ExpectHidden(text, text);
  }
}

TEST(Credentials, HavePrefixesOfManyIssuers) {
  const std::string random = "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0U1v2";
  for (const char* prefix :
       {"AKCp", "GOCSPX-", "dop_v1_", "dp.pt.", "glc_", "glrt-", "gsk_", "hvb.",
        "lin_api_", "lsv2_pt_", "nvapi-", "pscale_tkn_", "pul-", "r8_",
        "rk_test_", "sntryu_", "tskey-auth-", "xai-"}) {
    ExpectHidden(absl::StrCat("a ", prefix, random, " b"), "a (sensitive) b");
  }
  for (const char* text : {"pul-request", "dapi", "gsk_file", "r8_short"}) {
    ExpectHidden(text, text);
  }
}

TEST(Credentials, AreInWebhooksWithoutAScheme) {
  ExpectHidden("posts to hooks.slack.com/services/T0/B0/abcdef",
               "posts to hooks.slack.com/(sensitive)");
  ExpectHidden("https://discord.com/api/v10/webhooks/12345/abcdef-ghijk",
               "https://discord.com/api/v10/webhooks/(sensitive)");
  ExpectHidden("https://a.webhook.office.com/webhookb2/a@b/IncomingWebhook/c/d",
               "https://a.webhook.office.com/(sensitive)");
  ExpectHidden("https://outlook.office.com/webhook/a@b/IncomingWebhook/c/d",
               "https://outlook.office.com/webhook(sensitive)");
  ExpectHidden(
      "https://prod-1.westeurope.logic.azure.com:443/workflows/abcdef01/"
      "triggers/manual/paths/invoke?api-version=2016&sig=x",
      "https://prod-1.westeurope.logic.azure.com:443/workflows/(sensitive)");
  ExpectHidden(
      "https://d.environment.api.powerplatform.com/powerautomate/"
      "automations/direct/workflows/abcdef01/triggers",
      "https://d.environment.api.powerplatform.com/powerautomate/"
      "automations/direct/workflows/(sensitive)");
  ExpectHidden("https://api.telegram.org/bot1234:abcd/sendMessage",
               "https://api.telegram.org/bot(sensitive)");
  for (const char* text : {"see hooks.slack.com", "app/hooks/a1b2c3d4e5f6g7h8",
                           "webhook.office.com/ is away"}) {
    ExpectHidden(text, text);
  }
}

TEST(Credentials, AreArgumentsOfPrograms) {
  for (const auto& [text, hidden] :
       {std::pair("curl -u user:x1 https://h",
                  "curl -u user:(sensitive) https://h"),
        {"curl -uuser:x1 h", "curl -uuser:(sensitive) h"},
        {"/usr/bin/curl -fsSu user:x1 h",
         "/usr/bin/curl -fsSu user:(sensitive) h"},
        {"x=$(curl 'https://h/mysql?a;b&c' --user 'user:two words' h)",
         "x=$(curl 'https://h/mysql?a;b&c' --user 'user:(sensitive)' h)"},
        {"curl -x p \\\n  --proxy-user u:x1",
         "curl -x p \\\n  --proxy-user u:(sensitive)"},
        {R"x(["curl","-u","user:x1","h"])x",
         R"x(["curl","-u","user:(sensitive)","h"])x"},
        {R"x({"c":"curl -u \"user:x1\" h"})x",
         R"x({"c":"curl -u \"user:(sensitive)\" h"})x"},
        {"mysql -uroot -px1 -h db", "mysql -uroot -p(sensitive) -h db"},
        {"mysqldump -p'x 1' db", "mysqldump -p'(sensitive)' db"},
        {"sleep 1; redis-cli -h r -a x1 ping",
         "sleep 1; redis-cli -h r -a (sensitive) ping"},
        {"sshpass -p x1 ssh h", "sshpass -p (sensitive) ssh h"},
        {"sshpass -px1 mysql -px2",
         "sshpass -p(sensitive) mysql -p(sensitive)"},
        {"ldapsearch -x -w x1 -b dc=x", "ldapsearch -x -w (sensitive) -b dc=x"},
        {"mongosh -u user -p x1", "mongosh -u user -p (sensitive)"},
        {"docker login -u user -p x1 h",
         "docker login -u user -p (sensitive) h"},
        {"smbclient -U user%x1 //h/s", "smbclient -U user%(sensitive) //h/s"},
        {"curl --user=me:hunter22 https://h",
         "curl --user=me:(sensitive) https://h"},
        {"htpasswd -b file user hunter22x",
         "htpasswd -b file user (sensitive)"},
        {"rabbitmqctl add_user user hunter22x",
         "rabbitmqctl add_user user (sensitive)"},
        {"htpasswd -nbB joe hunter2", "htpasswd -nbB joe (sensitive)"},
        {"htpasswd -bc file joe hunter2", "htpasswd -bc file joe (sensitive)"},
        {"rabbitmqctl add_user joe hunter2",
         "rabbitmqctl add_user joe (sensitive)"},
        {"aws configure set aws_secret_access_key hunter22x",
         "aws configure set aws_secret_access_key (sensitive)"},
        {"mc alias set m http://minio:9000 minio minio-pw",
         "mc alias set m http://minio:9000 minio (sensitive)"},
        {"wandb login --host https://h:8080 --relogin 0123456789abcdef",
         "wandb login --host https://h:8080 --relogin (sensitive)"},
        {"openssl enc -k x1 -in f", "openssl enc -k (sensitive) -in f"}}) {
    ExpectHidden(text, hidden);
  }
  for (const char* text :
       {"docker run --user 1000:1000 -p 8080:80 x",
        "docker run -u nobody:nogroup x", "chown -R wandb:wandb /x",
        "mkdir -p data; ls", "curl -u user h", "curl -u \"$USER:$PASS\" h",
        "curl -u ${USER}:${PASSWORD} h", "curl h | tar -u a:b",
        "curl h\nrun -u 1:x", "mysql -p db", "mysql -h h -P 3306",
        "[\"mysql\", \"-p\", \"db\"]", "mysqladmin ping -uroot -p$MYSQL_PW",
        "redis-cli -p 6379 ping", "docker build -p login1",
        "wandb login failed with status 401", "redis-cli -a"}) {
    ExpectHidden(text, text);
  }
  EXPECT_TRUE(IsSecretArgument("/usr/bin/redis-cli", "-a", "x"));
  EXPECT_TRUE(IsSecretArgument("mysql", "-h", "-px"));
  EXPECT_TRUE(IsSecretArgument("curl", "-u", "user:x"));
  EXPECT_FALSE(IsSecretArgument("redis-cli", "-h", "x"));
  EXPECT_FALSE(IsSecretArgument("mysql", "-p", "db"));
  EXPECT_FALSE(IsSecretArgument("ls", "-a", "x"));
  EXPECT_FALSE(IsSecretArgument("redis-cli", "-a", "$PASSWORD"));
}

TEST(Credentials, AreWhatASentenceSaysThatTheyAre) {
  for (const auto& [text, hidden] :
       {std::pair("the passphrase is tr0ub4dor.",
                  "the passphrase is (sensitive)."),
        {"password is p@ss, see", "password is (sensitive), see"},
        {"Password was changed to my-pa55; next",
         "Password was changed to (sensitive); next"},
        {"the password is: 'two w0rds'", "the password is: '(sensitive)'"},
        {"login as root with password hunter2 failed",
         "login as root with password (sensitive) failed"},
        {"the token is xAmPle93", "the token is (sensitive)"},
        {"CREATE USER 'x'@'%' IDENTIFIED BY 'abc'",
         "CREATE USER 'x'@'%' IDENTIFIED BY '(sensitive)'"},
        {"identified with mysql_native_password by 'abc'",
         "identified with mysql_native_password by '(sensitive)'"},
        {"ALTER ROLE x WITH PASSWORD 'abc'",
         "ALTER ROLE x WITH PASSWORD '(sensitive)'"},
        {"requirepass f00bared", "requirepass (sensitive)"}}) {
    ExpectHidden(text, hidden);
  }
  for (const char* text :
       {"the password is required", "password is not set", "password is wrong",
        "Access denied for user 'root'@'10.0.0.1' (using password: YES)",
        "no password for user@10.0.0.1", "password is 12 characters",
        "the passphrase is incorrect.", "password is $PASSWORD",
        "field password \"x\" is unknown", "a password hashed with sha256",
        "password is base64 encoded", "token is 3600s old",
        "secret wandb-mysql-0 not found", "secret is wandb-mysql-0",
        "couldn't find password MYSQL_PASSWORD2 in Secret default/wandb-1",
        "identified by its uid", "the token is expired"}) {
    ExpectHidden(text, text);
  }
  EXPECT_EQ(HideCredentials("the password is dragon", Care::kGenerous),
            "the password is (sensitive)");
  EXPECT_EQ(HideCredentials("the password is required", Care::kGenerous),
            "the password is required");
}

TEST(Credentials, ArePrivateKeysAndNotCertificates) {
  ExpectHidden(
      "a -----BEGIN RSA PRIVATE KEY-----\nx\n-----END RSA PRIVATE "
      "KEY----- b",
      "a (sensitive) b");
  ExpectHidden("-----BEGIN PRIVATE KEY-----\\nx (cut off", "(sensitive)");
  // base64 of "-----BEGIN PRIVATE KEY-----\nabc"
  ExpectHidden("k: LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCmFiYw==",
               "k: (sensitive)");
  const std::string certificate =
      "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----";
  ExpectHidden(certificate, certificate);
  // base64 of "-----BEGIN CERTIFICATE-----\nabc"
  ExpectHidden("LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCmFiYw==",
               "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCmFiYw==");
}

std::string Repeated(absl::string_view unit, size_t bytes) {
  std::string text;
  while (text.size() < bytes) absl::StrAppend(&text, unit);
  return text;
}

// Of the processor, for what every text goes through.
std::clock_t TimeOf(const std::string& text) {
  const std::clock_t start = std::clock();
  HideCredentials(text);
  HideCredentials(text, Care::kGenerous);
  return std::clock() - start;
}

// Four times the text may take eight times as long, and a little that has
// nothing to do with it; a square would take sixteen times.
void ExpectLinear(absl::string_view what, const std::string& text,
                  const std::string& four_times) {
  constexpr std::clock_t kNoise = CLOCKS_PER_SEC / 10;
  const std::clock_t one = TimeOf(text);
  EXPECT_LE(TimeOf(four_times), 8 * one + kNoise) << what << ": " << one;
}

// Each of these would make some shape start over and over again.
TEST(Credentials, AreFoundInLinearTime) {
  constexpr size_t kBytes = 100'000;
  for (const char* unit : {"://a:b/",
                           "SG.",
                           "eyJ.",
                           "eyJ ",
                           "a@",
                           "a:b@",
                           "token=\"a\" ",
                           "secret:a,",
                           "token=",
                           "\"token\":\"token\":",
                           "-----BEGIN ",
                           "-----BEGIN PRIVATE KEY",
                           "LS0tLS1CRUdJTi",
                           "bearer ",
                           "bearer%20a ",
                           "basic%20",
                           "basic%20.",
                           "basic%20dTpw%3D",
                           "a=",
                           "a ",
                           "--token ",
                           "token: not ",
                           "password={{",
                           "password={{ ",
                           "password={{ x }} ",
                           "password=[",
                           "b",
                           "\\",
                           "token\\",
                           "token=\\\"",
                           "<token>",
                           "<token ",
                           "<token>x",
                           "--from-literal=",
                           "--from-literal='a=",
                           "--from-literal 'a=b",
                           "$2y$",
                           "a/b@h:1",
                           "db_password ",
                           "%3A%2F%2Fa%3Ab%2F",
                           "%2525",
                           "token%3D"}) {
    ExpectLinear(unit, Repeated(unit, kBytes), Repeated(unit, 4 * kBytes));
  }
  // Fast enough to search that only longer texts show a square.
  for (const char* unit : {"a ", "password={{ "}) {
    ExpectLinear(unit, Repeated(unit, 5 * kBytes), Repeated(unit, 20 * kBytes));
  }
  // A quote that is escaped again and again, and searched for in more of it.
  const auto escaped = [](size_t bytes) {
    return absl::StrCat("token=", std::string(bytes / 4, '\\'), "\"",
                        std::string(bytes / 4 * 3, '\\'));
  };
  ExpectLinear("escaped", escaped(kBytes), escaped(4 * kBytes));
}

TEST(Credentials, OfCommandsAndSentencesAreFoundInLinearTime) {
  constexpr size_t kBytes = 50'000;
  for (const char* unit :
       {"curl ", "curl -u ", "curl -u 'a:", "curl -u \"a:b -u 'c:", "-u a:b ",
        "wandb login ", "hooks.slack.com/", "password ", "password is ",
        "password \"", "password \"password '", "identified ",
        "identified with ", "identified by '"}) {
    ExpectLinear(unit, Repeated(unit, kBytes), Repeated(unit, 4 * kBytes));
  }
}

}  // namespace
}  // namespace base
