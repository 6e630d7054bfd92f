#include "base/credential_words.h"

namespace base::credentials {
namespace {

constexpr absl::string_view kNoUsers[] = {"acct", "arn", "mailto",
                                          "sip",  "urn", "xmpp"};

constexpr absl::string_view kWebhooks[] = {
    "/powerautomate/automations/direct/workflows/",
    "api.telegram.org/bot",
    "chat.googleapis.com/",
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
    "events.pagerduty.com/integration/",
    "hooks.slack.com/",
    "hooks.slack-gov.com/",
    "hooks.zapier.com/",
    "logic.azure.com/workflows/",
    "logic.azure.com:443/workflows/",
    "outlook.office.com/webhook",
    "webhook.office.com/"};

constexpr absl::string_view kHookFolders[] = {"/hooks/", "/webhook/",
                                              "/webhooks/"};

constexpr absl::string_view kNoTokens[] = {
    "auth",       "authentication", "authorization",
    "credential", "credentials",    "header",
    "is",         "scheme",         "token",
    "tokens"};

constexpr absl::string_view kHeaders[] = {"authorization", "cookie",
                                          "proxy-authorization", "set-cookie",
                                          "x-honeycomb-team"};

constexpr absl::string_view kParameters[] = {"sharedaccesssignature",
                                             "sig",
                                             "signature",
                                             "x-amz-credential",
                                             "x-amz-signature",
                                             "x-goog-credential",
                                             "x-goog-signature"};

constexpr absl::string_view kProse[] = {
    "a",         "access",     "an",        "at",          "but",
    "can",       "cannot",     "connect",   "connection",  "context",
    "could",     "denied",     "dial",      "does",        "empty",
    "error",     "expired",    "expected",  "failed",      "false",
    "field",     "for",        "forbidden", "from",        "get",
    "has",       "http",       "i/o",       "in",          "internal",
    "invalid",   "is",         "malformed", "missing",     "must",
    "no",        "none",       "not",       "null",        "open",
    "post",      "read",       "refused",   "required",    "rpc",
    "server",    "the",        "there",     "this",        "timed",
    "timeout",   "too",        "true",      "unable",      "unauthorized",
    "undefined", "unexpected", "unknown",   "unsupported", "was",
    "wrong",     "x509",       "yes",       "you"};

constexpr absl::string_view kOpeners[] = {
    "are", "by",     "does",    "either", "if",    "it",     "its",
    "may", "need",   "needs",   "one",    "only",  "or",     "please",
    "set", "should", "specify", "use",    "value", "values", "when"};

constexpr absl::string_view kPolicyVerbs[] = {
    "allow",   "audit",   "block",    "check",    "deny",     "disallow",
    "enforce", "forbid",  "generate", "limit",    "mutate",   "no",
    "prevent", "protect", "require",  "restrict", "validate", "verify"};

constexpr absl::string_view kSpokenPasswords[] = {
    "masterauth", "passcode", "passphrase", "passwd",
    "password",   "pwd",      "requirepass"};

constexpr absl::string_view kSpokenSecrets[] = {"secret", "token"};

constexpr absl::string_view kSpokenVerbs[] = {"changed", "is", "now", "reset",
                                              "set",     "to", "was"};

constexpr absl::string_view kMethods[] = {
    "argon2", "argon2i", "argon2id", "base32", "base64", "md5",
    "oauth2", "pbkdf2",  "pkcs1",    "pkcs12", "pkcs8",  "rfc6749",
    "sha1",   "sha256",  "sha384",   "sha512", "utf8",   "x509"};

constexpr absl::string_view kHashMethods[] = {
    "$1$", "$2a$", "$2b$",   "$2x$",    "$2y$", "$5$",     "$6$",
    "$7$", "$y$",  "$apr1$", "$argon2", "$gy$", "$pbkdf2", "$scrypt$"};

constexpr SecretFlag kSecretFlags[] = {
    {"curl", "-u", SecretFlag::kEither, ':'},
    {"curl", "-U", SecretFlag::kEither, ':'},
    {"curl", "--user", SecretFlag::kNext, ':'},
    {"curl", "--proxy-user", SecretFlag::kNext, ':'},
    {"http", "-a", SecretFlag::kNext, ':'},
    {"https", "-a", SecretFlag::kNext, ':'},
    {"smbclient", "-U", SecretFlag::kEither, '%'},
    {"mysql", "-p", SecretFlag::kAttached},
    {"mysqladmin", "-p", SecretFlag::kAttached},
    {"mysqlcheck", "-p", SecretFlag::kAttached},
    {"mysqldump", "-p", SecretFlag::kAttached},
    {"mysqlimport", "-p", SecretFlag::kAttached},
    {"mysqlpump", "-p", SecretFlag::kAttached},
    {"mysqlshow", "-p", SecretFlag::kAttached},
    {"mariadb", "-p", SecretFlag::kAttached},
    {"mariadb-admin", "-p", SecretFlag::kAttached},
    {"mariadb-dump", "-p", SecretFlag::kAttached},
    {"mongo", "-p", SecretFlag::kNext},
    {"mongodump", "-p", SecretFlag::kNext},
    {"mongoexport", "-p", SecretFlag::kNext},
    {"mongoimport", "-p", SecretFlag::kNext},
    {"mongorestore", "-p", SecretFlag::kNext},
    {"mongosh", "-p", SecretFlag::kNext},
    {"ldapadd", "-w", SecretFlag::kEither},
    {"ldapdelete", "-w", SecretFlag::kEither},
    {"ldapmodify", "-w", SecretFlag::kEither},
    {"ldappasswd", "-w", SecretFlag::kEither},
    {"ldapsearch", "-w", SecretFlag::kEither},
    {"ldapwhoami", "-w", SecretFlag::kEither},
    {"redis-cli", "-a", SecretFlag::kNext},
    {"valkey-cli", "-a", SecretFlag::kNext},
    {"sshpass", "-p", SecretFlag::kEither},
    {"bcp", "-P", SecretFlag::kEither},
    {"sqlcmd", "-P", SecretFlag::kEither},
    {"unzip", "-P", SecretFlag::kNext},
    {"zip", "-P", SecretFlag::kNext},
    {"openssl", "-k", SecretFlag::kNext, '\0', "enc"},
    {"argocd", "-p", SecretFlag::kNext, '\0', "login"},
    {"az", "-p", SecretFlag::kNext, '\0', "login"},
    {"crane", "-p", SecretFlag::kNext, '\0', "login"},
    {"docker", "-p", SecretFlag::kNext, '\0', "login"},
    {"helm", "-p", SecretFlag::kNext, '\0', "login"},
    {"nerdctl", "-p", SecretFlag::kNext, '\0', "login"},
    {"oc", "-p", SecretFlag::kNext, '\0', "login"},
    {"oras", "-p", SecretFlag::kNext, '\0', "login"},
    {"podman", "-p", SecretFlag::kNext, '\0', "login"},
    {"skopeo", "-p", SecretFlag::kNext, '\0', "login"},
    {"vault", "", SecretFlag::kNext, '\0', "login"},
    {"wandb", "", SecretFlag::kNext, '\0', "login"},
    {"aws", "", SecretFlag::kNext, '\0', "set", 2},
    // Behind a file, and without one (-n).
    {"htpasswd", "", SecretFlag::kNext, '\0', "", 3},
    {"htpasswd", "", SecretFlag::kNext, '\0', "", 2},
    {"rabbitmqctl", "", SecretFlag::kNext, '\0', "add_user", 2},
    {"rabbitmqctl", "", SecretFlag::kNext, '\0', "change_password", 2},
    // Alias, address, user, secret.
    {"mc", "", SecretFlag::kNext, '\0', "set", 4},
    {"mc", "", SecretFlag::kNext, '\0', "add", 4},
};

constexpr Issued kIssued[] = {
    {"AIza", 30},      {"AKIA", 16},       {"ASIA", 16},
    {"ATATT3", 20},    {"dckr_pat_", 12},  {"dckr_oat_", 12},
    {"ghp_", 10},      {"gho_", 10},       {"ghu_", 10},
    {"ghs_", 10},      {"ghr_", 10},       {"github_pat_", 10},
    {"glpat-", 10},    {"glsa_", 16},      {"gldt-", 10},
    {"hf_", 24},       {"hvs.", 20},       {"local-", 40},
    {"npm_", 30},      {"pypi-", 30},      {"rk_live_", 10},
    {"sk_live_", 10},  {"SG.", 30},        {"sk-", 24},
    {"shpat_", 20},    {"whsec_", 16},     {"wandb_v1_", 16},
    {"xapp-", 10},     {"xoxa-", 10},      {"xoxb-", 10},
    {"xoxe.", 10},     {"xoxp-", 10},      {"xoxr-", 10},
    {"xoxs-", 10},     {"ya29.", 10},      {"AGE-SECRET-KEY-", 20},
    {"AKCp", 40},      {"CCIPAT_", 16},    {"GOCSPX-", 20},
    {"NRAK-", 16},     {"PMAK-", 20},      {"bkua_", 20},
    {"dapi", 32},      {"dop_v1_", 20},    {"dp.pt.", 20},
    {"e2b_", 20},      {"figd_", 20},      {"fm2_", 20},
    {"glc_", 20},      {"glrt-", 10},      {"gsk_", 20},
    {"hvb.", 20},      {"lin_api_", 20},   {"lsv2_pt_", 16},
    {"lsv2_sk_", 16},  {"ntn_", 20},       {"nvapi-", 20},
    {"pcsk_", 20},     {"phx_", 20},       {"pnu_", 20},
    {"pplx-", 20},     {"pscale_pw_", 16}, {"pscale_tkn_", 16},
    {"pul-", 20},      {"r8_", 20},        {"rk_test_", 10},
    {"rubygems_", 20}, {"sbp_", 20},       {"sk_test_", 10},
    {"sntrys_", 20},   {"sntryu_", 20},    {"tskey-", 16},
    {"xai-", 20},
};

}  // namespace

WordList NoUsers() { return kNoUsers; }
WordList Webhooks() { return kWebhooks; }
WordList HookFolders() { return kHookFolders; }
WordList NoTokens() { return kNoTokens; }
WordList SecretHeaders() { return kHeaders; }
WordList SecretParameters() { return kParameters; }
WordList ProseWords() { return kProse; }
WordList Openers() { return kOpeners; }
WordList PolicyVerbs() { return kPolicyVerbs; }
WordList SpokenPasswords() { return kSpokenPasswords; }
WordList SpokenSecrets() { return kSpokenSecrets; }
WordList SpokenVerbs() { return kSpokenVerbs; }
WordList Methods() { return kMethods; }
WordList HashMethods() { return kHashMethods; }
absl::Span<const SecretFlag> SecretFlags() { return kSecretFlags; }
absl::Span<const Issued> IssuedTokens() { return kIssued; }

}  // namespace base::credentials
