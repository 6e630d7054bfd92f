// Weave, and what sends messages.
#include <utility>

#include "absl/strings/str_cat.h"
#include "wandb/settings/rows.h"

namespace wandb::rows {
namespace {

void AddWeave(Rows& out) {
  const auto server = [&](const char* member, const char* key,
                          const char* doc) {
    out.push_back({.attribute = absl::StrCat("clickhouse.", member),
                   .path = absl::StrCat("global.clickhouse.", key),
                   .doc = doc});
  };
  out.push_back({.attribute = "clickhouse",
                 .path = "global.clickhouse",
                 .doc = "ClickHouse server of one's own, for the traces of "
                        "Weave. The bundled one is switched off beside it",
                 .example = "{ host = \"clickhouse.example.com\", user = "
                            "\"wandb\", password_secret = { name = "
                            "\"wandb-clickhouse\" } }",
                 .with = {{"clickhouse.install", false}}});
  out.push_back({.attribute = "clickhouse.host",
                 .path = "global.clickhouse.host",
                 .doc = "Host name",
                 .required = true});
  out.push_back({.attribute = "clickhouse.port",
                 .path = "global.clickhouse.port",
                 .doc = "Port of the HTTP interface; the chart's default is "
                        "8443",
                 .least = 1,
                 .most = 65535});
  server("database", "database", "Name of the database");
  server("user", "user", "User");
  server("password", "password", "Password");
  out.back().reference = {"global.clickhouse.passwordSecret.name",
                          "global.clickhouse.passwordSecret.passwordKey"};
  AddSecretReference({.attribute = "clickhouse.password_secret",
                      .path = "global.clickhouse.passwordSecret",
                      .doc = "Secret that has the password, in place of it",
                      .key_attribute = "password_key",
                      .key_key = "passwordKey",
                      .key_doc = "Key of the password in it"},
                     out);
  server("replicated", "replicated",
         "Whether tables are replicated, for a cluster of one's own that is "
         "not ClickHouse Cloud");

  const auto weave = [&](const char* member, const char* path,
                         const char* doc) {
    out.push_back({.attribute = absl::StrCat("weave_trace.", member),
                   .path = path,
                   .doc = doc});
  };
  out.push_back({.attribute = "weave_trace",
                 .path = "",
                 .doc = "Traces of Weave: the services, and the switches that "
                        "belong to them. They need a ClickHouse",
                 .example = "{ install = true }"});
  out.push_back({.attribute = "weave_trace.install",
                 .path = "weave-trace.install",
                 .doc = "Whether traces are there: the service and "
                        "`global.weave-trace.enabled`, which says so to the "
                        "others",
                 .required = true,
                 .also = {"global.weave-trace.enabled"}});
  weave("worker", "weave-trace-worker.install",
        "Whether online evaluations run; they need a Secret "
        "`weave-worker-auth` with a `key`");
  weave("evaluate_model_worker", "weave-evaluate-model-worker.install",
        "Whether evaluations of models run; they need the same Secret");
  weave("agent_scoring_worker", "weave-trace-agent-scoring-worker.install",
        "Whether agents are scored; that needs the same Secret");
  weave("clickhouse_source", "global.weaveTrace.clickhouseSource",
        "Which server: that of `clickhouse` (`legacy`), that of the chart's "
        "`global.olap`, or what is configured (`auto`)");
  weave("use_default_bucket", "global.weave-trace.fileStorage.useDefaultBucket",
        "Keep files of traces in `default_bucket`, which must be one container "
        "in Azure, with `azure_storage_identity`");
}

void AddMessages(Rows& out) {
  out.push_back({.attribute = "smtp",
                 .path = "global.email.smtp",
                 .doc = "Mail server that W&B sends through",
                 .example = "{ host = \"smtp.example.com\", port = 587, user "
                            "= \"wandb\", password = var.smtp_password }"});
  out.push_back({.attribute = "smtp.host",
                 .path = "global.email.smtp.host",
                 .doc = "Host name",
                 .required = true});
  out.push_back({.attribute = "smtp.port",
                 .path = "global.email.smtp.port",
                 .doc = "Port",
                 .least = 1,
                 .most = 65535});
  out.push_back({.attribute = "smtp.user",
                 .path = "global.email.smtp.user",
                 .doc = "User"});
  out.push_back(
      {.attribute = "smtp.password",
       .path = "global.email.smtp.password",
       .doc = "Password",
       .reference = {"global.email.smtp.password.valueFrom.secretKeyRef.name",
                     "global.email.smtp.password.valueFrom.secretKeyRef.key"}});
  out.push_back({.attribute = "smtp.mail_from",
                 .path = "global.email.smtp.mailFrom",
                 .doc = "Sender of the mails"});

  out.push_back({.attribute = "slack",
                 .path = "global.slack",
                 .doc = "Slack application that W&B sends alerts through",
                 .example = "{ client_id = \"123.456\", secret = "
                            "var.slack_secret }"});
  out.push_back({.attribute = "slack.client_id",
                 .path = "global.slack.clientId",
                 .doc = "Id of the application",
                 .required = true});
  out.push_back({.attribute = "slack.secret",
                 .path = "global.slack.secret",
                 .doc = "Its secret"});
}

}  // namespace

void AddFeatures(Rows& out) {
  AddWeave(out);
  AddMessages(out);
}

}  // namespace wandb::rows
