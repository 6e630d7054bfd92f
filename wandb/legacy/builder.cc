#include "wandb/legacy/builder.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/percent.h"
#include "wandb/chart/defaults.h"
#include "wandb/legacy/url.h"

namespace wandb {
namespace {

using base::Json;

// Parts of a URL that need no encoding. MySQL's password gets none of them: the
// chart also decodes it as a form, where '+' is a space, and gives it to a
// shell.
constexpr absl::string_view kUnreserved = "-._~";
constexpr absl::string_view kInUrl = "-._~!$&'()*+,;=";
// What a user may have, beside letters and digits, as it is.
constexpr absl::string_view kInUser = "-._~!$&'()*+,;=@";

// Why a text is none of `form`.
std::string NotOfForm(absl::string_view form) {
  return absl::StrCat("this is no URL like ", form,
                      ", or a character in it is not percent-encoded");
}

// Whether `text` is nothing but a reference to another variable, which
// Kubernetes replaces.
bool IsReference(absl::string_view text) {
  return absl::ConsumePrefix(&text, "$(") && absl::ConsumeSuffix(&text, ")") &&
         !text.empty() && !absl::StrContains(text, ")");
}

// A server in the old container itself.
bool IsInside(absl::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

// Decoded, unless bytes come out that are no text.
std::string Decoded(const std::string& part) {
  std::string out = base::PercentDecoded(part);
  const bool text = absl::c_all_of(out, [](unsigned char c) {
    return absl::ascii_isascii(c) && !absl::ascii_iscntrl(c);
  });
  return text ? out : part;
}

std::string AddressOf(const LegacyUrl& url) {
  return url.port.has_value() ? absl::StrCat(url.host, ":", *url.port)
                              : url.host;
}

}  // namespace

void LegacyBuilder::Set(absl::string_view name, absl::string_view path,
                        Json value) {
  if (value.is_null() || value == Json("")) return;
  Json* at = &out_.values;
  for (const absl::string_view key : absl::StrSplit(path, '.')) {
    at = &(*at)[std::string(key)];
  }
  if (!at->is_null() && *at != value) {
    return Unmapped(name, absl::StrCat(path, " has another value already"));
  }
  *at = std::move(value);
}

void LegacyBuilder::SetEnvironment(const std::string& name, Json value) {
  const bool text = value.is_string();
  out_.values["global"][text ? "extraEnv" : "env"][name] = std::move(value);
}

void LegacyBuilder::Unmapped(absl::string_view name, absl::string_view reason) {
  out_.unmapped.push_back(absl::StrCat(name, " (", reason, ")"));
}

void LegacyBuilder::SetBucket(const std::string& name,
                              const std::string& text) {
  const auto url = ParseLegacyUrl(text);
  if (!url.has_value()) {
    return Unmapped(name, NotOfForm("s3://KEY:SECRET@HOST/BUCKET, gs://BUCKET, "
                                    "az://ACCOUNT/CONTAINER or cw://BUCKET"));
  }
  const bool s3 = url->scheme == "s3" || url->scheme == "cw";
  const bool azure = url->scheme == "az";
  if (!s3 && !azure && url->scheme != "gs") {
    return Unmapped(name, "no bucket of s3, gs, az or cw");
  }
  Set(name, "global.bucket.provider",
      url->scheme == "gs" ? "gcs" : url->scheme);
  Set(name, "global.bucket.name", AddressOf(*url));
  // The chart writes the path raw behind the name.
  Set(name, "global.bucket.path",
      url->query.has_value() ? absl::StrCat(url->path, "?", *url->query)
                             : url->path);
  if (s3) {
    // So does it with the keys.
    SetPart(name, "global.bucket.accessKey", "the access key",
            PercentCompleted(url->user, kInUrl));
    SetPart(name, "global.bucket.secretKey", "the secret key",
            PercentCompleted(url->password, kInUrl));
  } else if (azure) {
    // This is a variable of its own.
    SetPart(name, "global.bucket.accessKey", "the storage key",
            Decoded(url->password));
  } else if (!url->user.empty()) {
    Unmapped(name, "the login: Google's buckets have none");
  }
}

void LegacyBuilder::SetAzureKey(const std::string& name,
                                const std::string& value) {
  if (Provider() == "az") return Set(name, "global.bucket.accessKey", value);
  Unmapped(name, "the bucket is none of Azure");
}

void LegacyBuilder::SetKmsKey(absl::string_view name, const Json& value) {
  if (value.is_null() || value == Json("")) return;
  const std::string provider = Provider();
  if (provider == "gcs" || provider == "az") {
    return Unmapped(name, "only AWS has it");
  }
  Set(name, "global.bucket.kmsKey", value);
}

void LegacyBuilder::SetMysql(const std::string& name, const std::string& text) {
  const auto url = ParseLegacyUrl(text);
  if (!url.has_value() || url->scheme != "mysql") {
    return Unmapped(name, NotOfForm("mysql://USER:PASSWORD@HOST/DATABASE"));
  }
  if (IsInside(url->host)) {
    return Unmapped(name,
                    "the server in the old container, and the data with it: "
                    "move them to a server that stays");
  }
  SetPart(name, "global.mysql.host", "the host", url->host);
  Set(name, "global.mysql.port", url->port.value_or(3306));
  SetMysqlLogin(name, url->user, name, url->password);
  SetPart(name, "global.mysql.database", "the database", Decoded(url->path));
  Set(name, "mysql.install", false);
  for (const auto& [key, value] : url->Parameters()) {
    if (key == "tls" && value == "preferred") continue;
    Unmapped(name, absl::StrCat("parameter ", key,
                                ": the chart writes tls=preferred alone; a "
                                "CA certificate goes to global.mysql.caCert"));
  }
}

void LegacyBuilder::SetMysqlLogin(const std::string& user_name,
                                  const std::string& user,
                                  const std::string& password_name,
                                  const std::string& password) {
  // The chart needs it in a URL and, as it is, for the client.
  const std::string plain = Decoded(user);
  const bool fits = base::PercentEncoded(plain, kInUser) == plain;
  SetPart(user_name, "global.mysql.user", "the user", fits ? plain : user);
  if (!fits && !IsReference(user)) {
    Unmapped(user_name,
             "the user needs percent-encoding, and the chart writes it into "
             "a URL and gives it to a client: take another one");
  }
  SetPart(password_name, "global.mysql.password", "the password",
          IsReference(password) ? password
                                : PercentCompleted(password, kUnreserved));
}

void LegacyBuilder::SetRedis(const std::string& name, const std::string& text) {
  const auto url = ParseLegacyUrl(text);
  if (!url.has_value() || (url->scheme != "redis" && url->scheme != "rediss")) {
    return Unmapped(name, NotOfForm("redis://:PASSWORD@HOST:PORT"));
  }
  if (IsInside(url->host)) {
    return Unmapped(name,
                    "the server in the old container: the chart brings one");
  }
  SetPart(name, "global.redis.host", "the host", url->host);
  Set(name, "global.redis.port", url->port.value_or(6379));
  SetPart(name, "global.redis.password", "the password",
          PercentCompleted(url->password, kInUrl));
  // The chart writes them raw, too.
  for (const auto& [key, value] : url->Parameters()) {
    if (key == "ttlInSeconds" && value != absl::StrCat(kRedisTtlSeconds)) {
      Unmapped(name, absl::StrCat("parameter ttlInSeconds: the chart has ",
                                  kRedisTtlSeconds, " always"));
      continue;
    }
    out_.values["global"]["redis"]["params"][key] = value;
    if (key == "caCertPath") {
      Unmapped(name,
               "parameter caCertPath: the file is not there. Give the "
               "certificate as global.redis.caCert, and the parameter as "
               "/etc/ssl/certs/redis_ca.pem");
    }
  }
  if (url->scheme == "rediss") {
    out_.values["global"]["redis"]["params"]["tls"] = "true";
  }
  Set(name, "redis.install", false);
  if (!url->user.empty() && url->user != "default") {
    Unmapped(name, "the user: the chart logs in with a password alone");
  }
  if (!url->path.empty() && url->path != "0") {
    Unmapped(name, "the number of the database: the chart takes 0");
  }
}

// What is no plain server of SMTP stays what it is: W&B's own notation.
void LegacyBuilder::SetSmtp(const std::string& name, const std::string& text) {
  const auto url = ParseLegacyUrl(text);
  if (!url.has_value() || url->scheme != "smtp" || url->query.has_value() ||
      !url->path.empty()) {
    return SetEnvironment("GORILLA_EMAIL_SINK", text);
  }
  SetPart(name, "global.email.smtp.host", "the host", url->host);
  Set(name, "global.email.smtp.port", url->port.value_or(587));
  SetPart(name, "global.email.smtp.user", "the user",
          PercentCompleted(url->user, kInUrl));
  SetPart(name, "global.email.smtp.password", "the password",
          PercentCompleted(url->password, kInUrl));
}

void LegacyBuilder::SetPart(const std::string& name, absl::string_view path,
                            absl::string_view what, const std::string& text) {
  if (!IsReference(text)) return Set(name, path, text);
  Unmapped(name, absl::StrCat(what, ": it is the variable ", text,
                              ", whose value is not known here. It goes to ",
                              path, " or to a Secret"));
}

std::string LegacyBuilder::Provider() const {
  return base::StringAt(out_.values, "/global/bucket/provider").value_or("");
}

}  // namespace wandb
