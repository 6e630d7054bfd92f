#include "wandb/findings/check_texts.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "wandb/chart/catalogue.h"
#include "wandb/chart/defaults.h"
#include "wandb/leaf_map.h"

namespace wandb {
namespace {

using base::Json;

constexpr char kScheme[] = "://";

// Which characters of a text a URL's user part does not hold as they are.
enum class Reserved {
  kPassword,     // All that RFC 3986 does not allow there, and `@`.
  kFormEncoded,  // `+`, too: it is read as a blank.
  kUser,         // Only those that end the part: servers take `user@host`.
};

bool IsHexAt(absl::string_view text, size_t at) {
  return at < text.size() &&
         absl::ascii_isxdigit(static_cast<unsigned char>(text[at]));
}

bool IsRawSafe(absl::string_view text, Reserved reserved) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (reserved == Reserved::kUser) {
      if (absl::StrContains("/?# ", absl::string_view(&c, 1))) return false;
      continue;
    }
    if (c == '%' && IsHexAt(text, i + 1) && IsHexAt(text, i + 2)) {
      i += 2;
      continue;
    }
    if (c == '+' && reserved == Reserved::kFormEncoded) return false;
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) &&
        !absl::StrContains("-._~!$&'()*+,;=:", absl::string_view(&c, 1))) {
      return false;
    }
  }
  return true;
}

// Of what the custom resource has at `path`, as text; "" otherwise.
std::string OwnText(const Checker& c, const std::string& path) {
  return c.IsOwn(path) ? c.values().Text(path) : "";
}

void CheckRaw(Checker& c, const std::string& path, absl::string_view url,
              Reserved reserved, absl::string_view instead) {
  // White space around it is another finding.
  if (IsRawSafe(absl::StripAsciiWhitespace(OwnText(c, path)), reserved)) return;
  c.Add("url-password", path,
        absl::StrCat("has characters that are reserved in URLs, and the chart "
                     "puts it into ",
                     url, " as it is. ", instead));
}

constexpr char kEncode[] =
    "Write it URL-encoded, %2F for a slash: replace(urlencode(...), \"+\", "
    "\"%20\") of the configuration does it";

// What the chart puts raw into URLs, in all versions unless said otherwise.
void CheckUrls(Checker& c) {
  const bool bundled = IsOn(c.rendered(), "mysql.install");
  // The init container that waits for MySQL decodes it like a form.
  const Reserved mysql =
      c.Before("0.32.5") ? Reserved::kPassword : Reserved::kFormEncoded;
  // Beside its reference it has no effect, which is another finding.
  const bool referred = c.values().IsSet("global.mysql.passwordSecret.name");
  if (!referred) {
    CheckRaw(c, "global.mysql.password", "mysql://", mysql,
             bundled ? "The bundled MySQL takes it as it is, too: choose one "
                       "without them"
                     : kEncode);
  }
  CheckRaw(c, "global.mysql.user", "mysql://", Reserved::kUser, kEncode);
  CheckRaw(c, "global.redis.password", "redis://", Reserved::kPassword,
           kEncode);
  CheckRaw(c, "global.email.smtp.password", "smtp://", Reserved::kPassword,
           kEncode);
  CheckRaw(c, "global.email.smtp.user", "smtp://", Reserved::kUser, kEncode);
  CheckRaw(c, "global.kafka.password", "kafka://", Reserved::kPassword,
           kEncode);
  if (!c.Before("0.41.0")) {
    for (const char* feature : {"default", "registrySearch", "weaveTrace",
                                "runStoreAccelerator", "history"}) {
      CheckRaw(c, absl::StrCat("global.olap.", feature, ".password"),
               "clickhouse://", Reserved::kPassword, kEncode);
    }
  }
  for (const char* bucket : {"global.bucket", "global.defaultBucket"}) {
    const std::string provider =
        c.rendered().Text(absl::StrCat(bucket, ".provider"));
    const std::string access = absl::StrCat(bucket, ".accessKey");
    const std::string secret = absl::StrCat(bucket, ".secretKey");
    if ((provider != "s3" && provider != "cw") || !c.values().IsSet(access) ||
        !c.values().IsSet(secret)) {
      continue;
    }
    for (const std::string& path : {access, secret}) {
      CheckRaw(c, path, absl::StrCat(provider, kScheme), Reserved::kPassword,
               kEncode);
    }
  }
}

// Whether it is a name or an address, without anything around it.
bool IsHost(absl::string_view text) {
  if (absl::StartsWith(text, "[") && absl::EndsWith(text, "]")) return true;
  return text.find_first_of(":/?#@ \t\r\n") == absl::string_view::npos;
}

void CheckServers(Checker& c) {
  std::vector<std::string> sections = {
      "global.mysql", "global.redis", "global.email.smtp", "global.clickhouse"};
  for (const char* feature : {"default", "registrySearch", "weaveTrace",
                              "runStoreAccelerator", "history"}) {
    sections.push_back(absl::StrCat("global.olap.", feature));
  }
  for (const std::string& section : sections) {
    const std::string path = absl::StrCat(section, ".host");
    const std::string host = OwnText(c, path);
    // Whitespace is another finding; {{ }} is a template.
    if (absl::StrContains(host, "{{") ||
        IsHost(absl::StripAsciiWhitespace(host))) {
      continue;
    }
    c.Add(
        "server-host-shape", path,
        absl::StrCat("must be the server's name or address alone, an IPv6 one "
                     "in brackets: the chart puts scheme and port around it. "
                     "Write the port into ",
                     section, ".port"));
  }
}

void CheckIssuer(Checker& c) {
  const std::string path = "global.auth.oidc.issuer";
  const std::string issuer = OwnText(c, path);
  // One without a dot may be anything.
  if (absl::StrContains(issuer, kScheme) || absl::StrContains(issuer, "{{") ||
      !absl::StrContains(issuer.substr(0, issuer.find('/')), '.')) {
    return;
  }
  c.Add("issuer-scheme", path,
        "has no scheme: the server finds the identity provider by this URL, "
        "and its tokens must name the same. Write https:// before it");
}

void CheckImagePrefixes(Checker& c) {
  for (const char* path : {"global.repositoryPrefix", "global.imageRegistry"}) {
    const std::string prefix = OwnText(c, path);
    if (!absl::StrContains(prefix, kScheme) && !absl::EndsWith(prefix, "/")) {
      continue;
    }
    c.Add("image-prefix-shape", path,
          "goes before the names of images with a slash between, and none of "
          "them could be pulled: it must have no scheme, and no slash at its "
          "end. Write it like registry.example.com/mirror");
  }
}

// The prefix goes before every name, also before one that has it.
void CheckPrefixedNames(Checker& c) {
  const std::string prefix = c.values().Text("global.repositoryPrefix");
  const absl::string_view host =
      absl::string_view(prefix).substr(0, prefix.find('/'));
  if (c.Before("0.37.6") ||
      host.find_first_of(".:") == absl::string_view::npos) {
    return;
  }
  for (const absl::string_view component : Components()) {
    const std::string path = absl::StrCat(component, ".image.repository");
    if (!absl::StartsWith(OwnText(c, path), absl::StrCat(host, "/"))) continue;
    c.Add("image-prefix-shape", path,
          "begins with the registry of global.repositoryPrefix, which goes "
          "before it once more. Write the rest of the name alone, or take the "
          "prefix out");
  }
}

// Whether it is what a cloud calls a bucket elsewhere.
bool IsArnOrHost(absl::string_view name) {
  return absl::StartsWith(name, "arn:") ||
         absl::EndsWith(name, ".amazonaws.com") ||
         absl::EndsWith(name, ".blob.core.windows.net") ||
         absl::EndsWith(name, ".storage.googleapis.com");
}

void CheckBucketName(Checker& c, const std::string& bucket,
                     const std::string& name) {
  const std::string at = absl::StrCat(bucket, ".name");
  if (absl::StrContains(name, kScheme)) {
    return c.Add("bucket-name-scheme", at,
                 absl::StrCat("names a scheme, and the chart writes one before "
                              "it. Write the bucket alone; ",
                              bucket, ".provider says of which kind it is"));
  }
  if (IsArnOrHost(name)) {
    return c.Add("bucket-name-shape", at,
                 "is an ARN or a host, and the chart makes a URL of it. Write "
                 "the name of the bucket, or of the storage account, alone");
  }
  // Both may stand in the name, too.
  if (absl::StrContains(name, "/") || absl::StrContains(name, "{{") ||
      c.values().IsSet(absl::StrCat(bucket, ".path"))) {
    return;
  }
  const std::string provider =
      c.rendered().Text(absl::StrCat(bucket, ".provider"));
  if (provider == "az") {
    c.Add("bucket-incomplete", bucket,
          "names a storage account and no container. Write the container into "
          "path");
  } else if (absl::StrContains(name, ":")) {
    c.Add("bucket-incomplete", bucket,
          "names a server and no bucket. Write the bucket into path, or behind "
          "the server and a slash");
  }
}

void CheckBuckets(Checker& c) {
  for (const std::string bucket : {"global.bucket", "global.defaultBucket"}) {
    const std::string name = OwnText(c, absl::StrCat(bucket, ".name"));
    if (!name.empty()) CheckBucketName(c, bucket, name);
    const std::string path = absl::StrCat(bucket, ".path");
    if (absl::StartsWith(OwnText(c, path), "/")) {
      c.Add("bucket-name-shape", path,
            "begins with a slash, and the chart writes one before it. Leave "
            "it out");
    }
  }
}

// Of what is one text to the chart, and no file.
void CheckSpace(Checker& c) {
  const CatalogueIndex& index = CatalogueIndex::Get();
  ForEachLeaf(c.own().values, [&](const Path& path, const std::string& at,
                                  const Json& leaf) {
    const auto* text = leaf.get_ptr<const std::string*>();
    if (text == nullptr || text->empty() ||
        absl::StripAsciiWhitespace(*text).size() == text->size() ||
        absl::StrContains(*text, "-----BEGIN")) {
      return;
    }
    const CatalogueEntry* entry = index.Find(path).entry;
    if (entry == nullptr || !entry->allowed.empty() ||
        (entry->kind != ValueKind::kScalar &&
         entry->kind != ValueKind::kText)) {
      return;
    }
    c.Add("stray-space", at,
          "begins or ends with white space, often the newline of a file, which "
          "becomes part of it. Remove it: trimspace() does");
  });
}

// A text that templates write between double quotes as it is, where `with`
// says something ("": always).
struct Quoted {
  absl::string_view path;
  absl::string_view with = "";
  absl::string_view since = "";
  absl::string_view until = "";
};
constexpr Quoted kQuoted[] = {
    {"global.mysql.host"},
    {"global.mysql.database"},
    {"global.mysql.user"},
    {"global.redis.host"},
    {"global.clickhouse.host", "weave-trace.install"},
    {"global.clickhouse.database", "weave-trace.install"},
    {"global.clickhouse.user", "weave-trace.install"},
    {"global.email.smtp.host", "", "", "0.33.0"},
    {"global.email.smtp.user", "global.email.smtp.host", "", "0.33.0"},
    {"global.email.smtp.password", "global.email.smtp.host", "", "0.33.0"},
    {"global.email.smtp.host", "", "0.40.0"},
    {"global.email.smtp.user", "global.email.smtp.host", "0.40.0"},
    {"global.email.smtp.mailFrom", "", "0.41.6"},
    {"global.bucket.name"},
    {"global.bucket.path", "global.bucket.name"},
    {"global.bucket.kmsKey", "global.bucket.name"},
    {"global.auth.oidc.clientId", "", "0.33.0"},
    {"global.auth.oidc.issuer", "global.auth.oidc.clientId", "0.33.0"},
};

void CheckQuotes(Checker& c) {
  for (const Quoted& each : kQuoted) {
    const std::string path(each.path);
    const bool gone = !each.until.empty() &&
                      (c.chart_version().empty() || !c.Before(each.until));
    if (gone || c.Before(each.since) ||
        !absl::StrContains(OwnText(c, path), "\"") ||
        (!each.with.empty() && IsOff(c.rendered(), each.with))) {
      continue;
    }
    c.Add("template-fails", path,
          "has a double quote, and templates write it between such, which is "
          "no YAML any more: the operator applies nothing. Take it out");
  }
}

// First chart in which what is at `path` is read as a template of Helm's, of
// those that were rendered with one; "" for none.
absl::string_view IsTemplateSince(const Path& path) {
  struct Place {
    absl::string_view key;
    absl::string_view since;
    bool global = false;  // Also below global.
  };
  constexpr Place kPlaces[] = {
      {"env", "0.33.0", true},      {"extraEnv", "0.33.0", true},
      {"podAnnotations", "0.33.0"}, {"podLabels", "0.33.0"},
      {"nodeSelector", "0.33.0"},   {"tolerations", "0.33.0"},
      {"deployment", "0.33.0"},     {"priorityClassName", "0.38.10", true},
      {"common", "0.38.10", true},
  };
  if (path.size() < 2) return "";
  const bool global = path[0].key == "global";
  const auto* const found = std::find_if(
      std::begin(kPlaces), std::end(kPlaces), [&](const Place& each) {
        return each.key == path[1].key && (each.global || !global);
      });
  return found == std::end(kPlaces) ? "" : found->since;
}

// Of components that are installed: nothing else is rendered.
void CheckTemplates(Checker& c) {
  const std::vector<absl::string_view>& components = Components();
  ForEachLeaf(c.own().values, [&](const Path& path, const std::string& at,
                                  const Json& leaf) {
    const auto* text = leaf.get_ptr<const std::string*>();
    const size_t open = text == nullptr ? std::string::npos : text->rfind("{{");
    if (open == std::string::npos ||
        text->find("}}", open) != std::string::npos) {
      return;
    }
    const absl::string_view since = IsTemplateSince(path);
    if (since.empty() || c.Before(since)) return;
    const bool rendered = path[0].key == "global" ||
                          (std::find(components.begin(), components.end(),
                                     path[0].key) != components.end() &&
                           IsInstalled(c.rendered(), path[0].key));
    if (!rendered) return;
    c.Add("template-fails", at,
          "has {{ without }} behind it, and the chart reads it as a template, "
          "which fails: the operator applies nothing. Close it, or write {{ as "
          "{{ \"{{\" }}");
  });
}

// Where the chart waits for ClickHouse in a hook.
void CheckMigrationHook(Checker& c) {
  if (!IsOn(c.rendered(), "clickhouseMigrationJob.install") ||
      c.Before("0.43.3")) {
    return;
  }
  std::vector<std::string> about = {"clickhouseMigrationJob.install"};
  bool enabled = false;
  for (const char* feature :
       {"registrySearch", "weaveTrace", "runStoreAccelerator", "history"}) {
    const std::string path = absl::StrCat("global.olap.", feature, ".enabled");
    if (!IsOn(c.rendered(), path)) continue;
    enabled = true;
    about.push_back(path);
  }
  const auto own =
      std::find_if(about.begin(), about.end(),
                   [&](const std::string& path) { return c.IsOwn(path); });
  if (!enabled || own == about.end()) return;
  c.Add("olap-migration-hook", *own,
        "makes a Job that the operator waits for, up to 15 minutes for "
        "ClickHouse, and controller 1.22.0 gives it 30 seconds: the upgrade "
        "may end in \"Invalid Config\" and be tried again after an hour. Have "
        "ClickHouse running first, and the image on the nodes");
}

}  // namespace

void CheckTexts(Checker& checker) {
  CheckUrls(checker);
  CheckServers(checker);
  CheckIssuer(checker);
  CheckImagePrefixes(checker);
  CheckPrefixedNames(checker);
  CheckBuckets(checker);
  CheckSpace(checker);
  CheckQuotes(checker);
  CheckTemplates(checker);
  CheckMigrationHook(checker);
}

}  // namespace wandb
