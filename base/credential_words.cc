#include "base/credential_words.h"

namespace base::credentials {
namespace {

constexpr absl::string_view kNoUsers[] = {"acct", "arn", "mailto",
                                          "sip",  "urn", "xmpp"};

constexpr absl::string_view kWebhooks[] = {"chat.googleapis.com/",
                                           "discord.com/api/webhooks/",
                                           "discordapp.com/api/webhooks/",
                                           "events.pagerduty.com/integration/",
                                           "hooks.slack.com/",
                                           "hooks.slack-gov.com/",
                                           "hooks.zapier.com/",
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
                                          "proxy-authorization", "set-cookie"};

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

constexpr Issued kIssued[] = {
    {"AIza", 30},     {"AKIA", 16},      {"ASIA", 16},
    {"ATATT3", 20},   {"dckr_pat_", 12}, {"dckr_oat_", 12},
    {"ghp_", 10},     {"gho_", 10},      {"ghu_", 10},
    {"ghs_", 10},     {"ghr_", 10},      {"github_pat_", 10},
    {"glpat-", 10},   {"glsa_", 16},     {"gldt-", 10},
    {"hf_", 24},      {"hvs.", 20},      {"local-", 40},
    {"npm_", 30},     {"pypi-", 30},     {"rk_live_", 10},
    {"sk_live_", 10}, {"SG.", 30},       {"sk-", 24},
    {"shpat_", 20},   {"whsec_", 16},    {"wandb_v1_", 16},
    {"xapp-", 10},    {"xoxa-", 10},     {"xoxb-", 10},
    {"xoxe.", 10},    {"xoxp-", 10},     {"xoxr-", 10},
    {"xoxs-", 10},    {"ya29.", 10},     {"AGE-SECRET-KEY-", 20},
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
absl::Span<const Issued> IssuedTokens() { return kIssued; }

}  // namespace base::credentials
