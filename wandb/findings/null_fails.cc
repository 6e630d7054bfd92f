#include "wandb/findings/null_fails.h"

#include <algorithm>
#include <iterator>

#include "wandb/chart/catalogue.h"

namespace wandb {

bool FailsOnNull(absl::string_view path, absl::string_view version) {
  struct Needed {
    absl::string_view path;
    absl::string_view since = "";
    absl::string_view until = "";
  };
  // Each was taken away from the values of 0.26.12, 0.30.2, 0.33.14, 0.36.1 and
  // 0.43.8 alone, and rendered; `since` is the first of them that failed,
  // `until` stands just behind the last.
  constexpr Needed kNeeded[] = {
      {"app.image", ""},
      {"app.role", "0.36.1"},
      {"app.service", "0.36.1"},
      {"app.sizing", "0.36.1"},
      {"artifactsGc", "0.33.14"},
      {"bufstream", ""},
      {"console.image", ""},
      {"console.role", "0.36.1"},
      {"console.service", "0.36.1"},
      {"global.activityStore", "0.43.8"},
      {"global.api", "0.30.2"},
      {"global.auth", ""},
      {"global.auth.oidc", ""},
      {"global.beta", "", "0.26.13"},
      {"global.beta.api", "", "0.26.13"},
      {"global.bucket", ""},
      {"global.bucket.secret", ""},
      {"global.clickhouse", ""},
      {"global.clickhouse.passwordSecret", ""},
      {"global.common", ""},
      {"global.common.labels", ""},
      {"global.defaultBucket", ""},
      {"global.email", ""},
      {"global.email.smtp", ""},
      {"global.executor", "", "0.30.3"},
      {"global.glue", "0.33.14"},
      {"global.host", ""},
      {"global.kafka", ""},
      {"global.kafka.passwordSecret", ""},
      {"global.license", "0.33.14"},
      {"global.licenseSecret", ""},
      {"global.localService", "0.43.8"},
      {"global.mysql", ""},
      {"global.mysql.caCert", "0.43.8"},
      {"global.mysql.passwordSecret", ""},
      {"global.redis", ""},
      {"global.redis.parameters", "0.30.2"},
      {"global.redis.params", "0.30.2"},
      {"global.redis.secret", ""},
      {"global.slack", ""},
      {"global.statsig", "0.33.14"},
      {"global.weave-trace", ""},
      {"glue", "0.43.8"},
      {"history-reader", "0.43.8"},
      {"ingress", ""},
      {"ingress.additionalHosts", ""},
      {"ingress.issuer", ""},
      {"weave", "0.33.14"},
  };
  const auto* const found =
      std::find_if(std::begin(kNeeded), std::end(kNeeded),
                   [&](const Needed& each) { return each.path == path; });
  if (found == std::end(kNeeded)) return false;
  // Of a version that is not known the newest counts.
  const auto compared = [&](absl::string_view with) {
    return CompareVersions(version.empty() ? kCataloguedChart : version, with);
  };
  return (found->since.empty() || compared(found->since).value_or(0) >= 0) &&
         (found->until.empty() || compared(found->until).value_or(0) < 0);
}

}  // namespace wandb
