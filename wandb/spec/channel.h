// The release channel: a service that says which chart and values to use.
//
// The operator (deployer client, v1.22.0) asks GET
// {base}/api/v1/operator/channel, or .../channel/release/{id} when a release is
// pinned, with Basic user "license" when it knows a license.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "wandb/spec/spec.h"

namespace wandb {

inline constexpr absl::string_view kReleaseChannelUrl =
    "https://deploy.wandb.ai";
inline constexpr int kChannelAttempts = 5;

// The URL to ask. `base` is http(s) with a host and perhaps a path; "" is the
// default. kInvalidArgument for what is no such URL; it shows no user info.
absl::StatusOr<std::string> ChannelRequestUrl(absl::string_view base,
                                              absl::string_view release_id);

// The value of the Authorization header.
std::string ChannelAuthorization(absl::string_view license);

// The answer's body. kInvalidArgument where the operator would reject it; never
// the text itself.
absl::StatusOr<base::Json> ParseChannelAnswer(absl::string_view body);

}  // namespace wandb
