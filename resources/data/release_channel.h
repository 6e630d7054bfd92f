// Data source wandb_release_channel: the release that W&B's channel offers.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/context.h"
#include "base/http/transport.h"
#include "provider/tf/data_source.h"
#include "resources/connection/session.h"

namespace resources {

struct ReleaseChannelOptions {
  absl::Duration attempt_timeout = absl::Seconds(30);
  absl::Duration pause = absl::Seconds(2);  // Between two of five attempts.
};

std::unique_ptr<tf::DataSource> NewReleaseChannelDataSource(
    std::shared_ptr<const Session> session, ReleaseChannelOptions options = {});

}  // namespace resources
