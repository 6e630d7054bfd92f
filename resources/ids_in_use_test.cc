#include "resources/ids_in_use.h"

#include <thread>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace resources {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Model {
  bool unused = false;  // Calls have constant ones.
};

class IdsInUseTest : public ::testing::Test {
 protected:
  // Of a create that saves something unless `fails`.
  tf::Diagnostics Create(const std::function<bool()>& apply,
                         bool fails = false) {
    tf::ApplyCall<Model> call;
    ids_.Apply(base::Context(), "ns/x", call, [&] {
      const bool taken_over = apply();
      if (!fails) call.saved = Model();
      return taken_over;
    });
    return call.diags;
  }
  tf::Diagnostics Delete(const std::function<void()>& remove,
                         bool fails = false) {
    tf::DeleteCall<Model> call;
    ids_.Delete(base::Context(), "ns/x", call, [&] {
      remove();
      if (fails) call.diags.AddError("failed", "");
    });
    return call.diags;
  }

  IdsInUse ids_{"operator"};
};

TEST_F(IdsInUseTest, ADestroyWaitsForTheCreateThatTakesItsObjectsOver) {
  absl::Notification creating;
  absl::Notification go_on;
  std::thread create([&] {
    Create([&] {
      creating.Notify();
      go_on.WaitForNotification();
      return true;
    });
  });
  creating.WaitForNotification();
  bool removed = false;
  tf::Diagnostics end;
  std::thread destroy([&] { end = Delete([&] { removed = true; }); });
  go_on.Notify();
  create.join();
  destroy.join();
  EXPECT_FALSE(removed);
  ASSERT_THAT(end.items(), SizeIs(1));
  EXPECT_EQ(end.items()[0].severity, tf::Severity::kWarning);
  EXPECT_THAT(end.items()[0].detail, HasSubstr("moved block"));
}

TEST_F(IdsInUseTest, ACreateWaitsForTheDestroyOfItsId) {
  absl::Notification removing;
  absl::Notification go_on;
  bool removed = false;
  std::thread destroy([&] {
    Delete([&] {
      removing.Notify();
      go_on.WaitForNotification();
      removed = true;
    });
  });
  removing.WaitForNotification();
  bool after = false;
  tf::Diagnostics made;
  std::thread create([&] {
    made = Create([&] {
      after = removed;
      return false;
    });
  });
  go_on.Notify();
  destroy.join();
  create.join();
  EXPECT_TRUE(after);
  EXPECT_THAT(made.items(), IsEmpty());
}

TEST_F(IdsInUseTest, ACreateBesideWhatCouldNotBeDestroyedIsRefused) {
  Delete([] {}, /*fails=*/true);
  bool ran = false;
  const tf::Diagnostics diags = Create([&] { return ran = true; });
  EXPECT_FALSE(ran);
  ASSERT_THAT(diags.items(), SizeIs(1));
  EXPECT_THAT(diags.items()[0].summary,
              HasSubstr("Two operators are called ns/x"));
  EXPECT_THAT(Delete([] {}).items(), IsEmpty());
  EXPECT_THAT(Create([] { return false; }).items(), IsEmpty());
}

TEST_F(IdsInUseTest, OfTwoCreatesTheSecondIsRefusedAtOnce) {
  absl::Notification creating;
  absl::Notification go_on;
  std::thread first([&] {
    Create([&] {
      creating.Notify();
      go_on.WaitForNotification();
      return false;
    });
  });
  creating.WaitForNotification();
  EXPECT_TRUE(Create([] { return false; }).HasError());
  go_on.Notify();
  first.join();
  // One of which nothing was saved gives the id back.
  EXPECT_THAT(Delete([] {}).items(), IsEmpty());
  Create([] { return false; }, /*fails=*/true);
  EXPECT_FALSE(Create([] { return false; }).HasError());
}

TEST_F(IdsInUseTest, AnInterruptedWaitIsAnError) {
  absl::Notification removing;
  absl::Notification go_on;
  std::thread destroy([&] {
    Delete([&] {
      removing.Notify();
      go_on.WaitForNotification();
    });
  });
  removing.WaitForNotification();
  base::StopSource stop;
  const base::Context stopped = stop.context();
  stop.Stop();
  tf::ApplyCall<Model> call;
  ids_.Apply(stopped, "ns/x", call, [] { return false; });
  EXPECT_TRUE(call.diags.HasError());
  go_on.Notify();
  destroy.join();
}

}  // namespace
}  // namespace resources
