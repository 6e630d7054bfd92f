#include "provider/plugin/services/registry.h"

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/log.h"
#include "provider/tf/exceptions.h"

namespace plugin {

std::string NoSuch(absl::string_view kind, absl::string_view name) {
  return absl::StrCat("This provider has no ", kind, " \"", name,
                      "\". Check the name and the provider's version.");
}

Registry::Registry(tf::Provider& provider, base::StopSource& stop)
    : provider_(provider),
      stop_(stop),
      hide_(
          [&provider](absl::string_view text) { return provider.Hide(text); }),
      resources_(NamedParts(provider.parts().resources)) {}

tf::Diagnostics Registry::Outcome(absl::string_view rpc,
                                  const std::string& type_name,
                                  const tf::Schema& schema,
                                  const Body& body) const {
  const absl::Time start = absl::Now();
  tf::Diagnostics diags;
  const absl::Status status = tf::EndExceptions([&] { return body(diags); });
  if (!status.ok()) {
    diags.AddError(absl::StrCat("Cannot answer ", rpc),
                   tf::FailureText(status));
  }
  diags.Append(provider_.TakeWarnings());
  diags.HidePaths([&](const cty::Path& path) {
    return tf::QuotesSecrets(schema, path) || tf::PointsElsewhere(schema, path);
  });
  base::Log(base::LogLevel::kDebug, "answered",
            {{"tf_rpc", rpc},
             {"tf_resource_type", type_name},
             {"tf_req_duration_ms",
              absl::StrCat(absl::ToInt64Milliseconds(absl::Now() - start))}});
  return diags;
}

}  // namespace plugin
