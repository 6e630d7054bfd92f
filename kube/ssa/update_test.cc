#include "kube/ssa/update.h"

#include <algorithm>
#include <set>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kube/managed_fields.h"
#include "kube/ssa/replaced.h"
#include "kube/status.h"
#include "tests/support/config_map.h"
#include "tests/support/fake_client.h"

namespace ssa {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kManager[] = "ours";

class UpdateOwnedTest : public ::testing::Test {
 protected:
  UpdateOwnedTest() {
    EXPECT_TRUE(client_
                    .Apply({}, support::ConfigMapRef(),
                           support::ConfigMap({{"k", "v"}, {"old", "v"}}),
                           {.field_manager = kManager})
                    .ok());
  }
  absl::StatusOr<kube::Applied> Update(const Json& body, bool wrote = true) {
    rules_.manager = kManager;
    rules_.may_force = [this, wrote](const kube::FieldConflict& conflict) {
      asked_.insert(conflict.field);
      return conflict.operation == "Update" && wrote;
    };
    return UpdateOwned({}, client_, support::ConfigMapRef(), body, rules_);
  }

  // A later object of the same name, by somebody else.
  void MakeAgain() {
    client_.Remove(support::ConfigMapRef());
    client_.Put(support::ConfigMapRef(), support::ConfigMap({{"k", "theirs"}}),
                "kubectl");
  }

  support::FakeClient client_;
  UpdateRules rules_;
  std::set<std::string> asked_;
};

TEST_F(UpdateOwnedTest, ReplacesWhatWeWrote) {
  ASSERT_TRUE(Update(support::ConfigMap({{"k", "w"}})).ok());
  EXPECT_EQ(client_.Stored(support::ConfigMapRef())["data"],
            Json({{"k", "w"}}));
  EXPECT_FALSE(client_.calls().back().apply.force);
}

TEST_F(UpdateOwnedTest, EditByHandIsOverruled) {
  client_.Put(support::ConfigMapRef(),
              support::ConfigMap({{"k", "edited"}, {"old", "v"}}),
              "kubectl-edit");
  const auto applied = Update(support::ConfigMap({{"k", "w"}, {"old", "v"}}));
  ASSERT_TRUE(applied.ok()) << applied.status();
  EXPECT_EQ(client_.Stored(support::ConfigMapRef())["data"],
            Json({{"k", "w"}, {"old", "v"}}));
  EXPECT_THAT(asked_, ElementsAre(".data.k"));
}

TEST_F(UpdateOwnedTest, EditOfWhatWeNeverWroteIsRespected) {
  client_.Put(support::ConfigMapRef(),
              support::ConfigMap({{"k", "v"}, {"old", "v"}, {"new", "theirs"}}),
              "kubectl-edit");
  const Json before = client_.Stored(support::ConfigMapRef());
  const auto applied = Update(support::ConfigMap({{"k", "v"}, {"new", "ours"}}),
                              /*wrote=*/false);
  EXPECT_TRUE(kube::HasFieldConflicts(applied.status())) << applied.status();
  EXPECT_THAT(asked_, ElementsAre(".data.new"));
  EXPECT_EQ(client_.Stored(support::ConfigMapRef()), before);
}

TEST_F(UpdateOwnedTest, AnotherApplierIsRespected) {
  ASSERT_TRUE(client_
                  .Apply({}, support::ConfigMapRef(),
                         support::ConfigMap({{"k", "theirs"}}),
                         {.field_manager = "argocd", .force = true})
                  .ok());
  const Json before = client_.Stored(support::ConfigMapRef());
  const auto applied = Update(support::ConfigMap({{"k", "w"}}));
  EXPECT_TRUE(kube::HasFieldConflicts(applied.status())) << applied.status();
  EXPECT_EQ(client_.Stored(support::ConfigMapRef()), before);
}

TEST_F(UpdateOwnedTest, OneForeignFieldKeepsUsFromForcingTheRest) {
  client_.Put(support::ConfigMapRef(),
              support::ConfigMap({{"k", "edited"}, {"old", "v"}}),
              "kubectl-edit");
  ASSERT_TRUE(client_
                  .Apply({}, support::ConfigMapRef(),
                         support::ConfigMap({{"old", "theirs"}}),
                         {.field_manager = "argocd", .force = true})
                  .ok());
  EXPECT_FALSE(Update(support::ConfigMap({{"k", "w"}, {"old", "w"}})).ok());
  EXPECT_EQ(client_.Stored(support::ConfigMapRef())["data"],
            Json({{"k", "edited"}, {"old", "theirs"}}));
}

TEST_F(UpdateOwnedTest, WritesToTheObjectOfTheStateOnly) {
  rules_.uid = kube::UidOf(client_.Stored(support::ConfigMapRef()));
  EXPECT_TRUE(Update(support::ConfigMap({{"k", "w"}})).ok());
  MakeAgain();
  const Json before = client_.Stored(support::ConfigMapRef());
  const absl::Status status = Update(support::ConfigMap({{"k", "x"}})).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(status.message(),
              AllOf(HasSubstr("made again"), HasSubstr(rules_.uid),
                    HasSubstr(kube::UidOf(before))));
  EXPECT_TRUE(IsReplaced(status));
  EXPECT_FALSE(IsGone(status));
  EXPECT_EQ(client_.Stored(support::ConfigMapRef()), before);
}

TEST_F(UpdateOwnedTest, DoesNotCreateAnObjectThatIsGone) {
  rules_.uid = kube::UidOf(client_.Stored(support::ConfigMapRef()));
  client_.Remove(support::ConfigMapRef());
  const absl::Status status = Update(support::ConfigMap({{"k", "x"}})).status();
  // Never kNotFound: that would be a word about the state.
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("was deleted"));
  EXPECT_TRUE(IsGone(status));
  EXPECT_FALSE(IsReplaced(status));
  EXPECT_TRUE(client_.Stored(support::ConfigMapRef()).is_null());
}

TEST_F(UpdateOwnedTest, ForcesOnlyTheVersionWhoseConflictsItSaw) {
  // Another applier takes a field right before the forced write.
  class RacingClient final : public support::FakeClient {
   public:
    absl::StatusOr<kube::Applied> Apply(
        const base::Context& ctx, const kube::ObjectRef& ref, const Json& body,
        const kube::ApplyOptions& options) override {
      if (options.force && options.field_manager == kManager && !raced_) {
        raced_ = true;
        EXPECT_TRUE(
            FakeClient::Apply(ctx, ref, support::ConfigMap({{"l", "theirs"}}),
                              {.field_manager = "argocd", .force = true})
                .ok());
      }
      return FakeClient::Apply(ctx, ref, body, options);
    }
    bool raced_ = false;
  } client;
  ASSERT_TRUE(client
                  .Apply({}, support::ConfigMapRef(),
                         support::ConfigMap({{"k", "v"}, {"l", "v"}}),
                         {.field_manager = kManager})
                  .ok());
  client.Put(support::ConfigMapRef(),
             support::ConfigMap({{"k", "edited"}, {"l", "v"}}), "kubectl-edit");
  const auto applied = UpdateOwned(
      {}, client, support::ConfigMapRef(),
      support::ConfigMap({{"k", "w"}, {"l", "w"}}),
      {.manager = kManager, .may_force = [](const kube::FieldConflict& c) {
         return c.operation == "Update";
       }});
  EXPECT_TRUE(client.raced_);
  EXPECT_TRUE(kube::HasFieldConflicts(applied.status())) << applied.status();
  EXPECT_EQ(client.Stored(support::ConfigMapRef())["data"],
            Json({{"k", "edited"}, {"l", "theirs"}}));
}

TEST_F(UpdateOwnedTest, ABodyThatFitsWhatIsThereIsMadeAnewForEachVersion) {
  // Somebody adds a key right before the write, under a name like ours or not.
  class RacingClient final : public support::FakeClient {
   public:
    absl::StatusOr<kube::Applied> Apply(
        const base::Context& ctx, const kube::ObjectRef& ref, const Json& body,
        const kube::ApplyOptions& options) override {
      before = std::max(before - 1, -1);
      if (before == 0) {
        Put(support::ConfigMapRef(),
            support::ConfigMap({{"k", "edited"}, {"l", "theirs"}}), editor);
      }
      return FakeClient::Apply(ctx, ref, body, options);
    }
    int before = 0;
    std::string editor;
  };
  for (const char* editor : {"kubectl-edit", kManager}) {
    for (const int before : {1, 2}) {
      SCOPED_TRACE(absl::StrCat(editor, " before write ", before));
      RacingClient client;
      ASSERT_TRUE(client
                      .Apply({}, support::ConfigMapRef(),
                             support::ConfigMap({{"k", "v"}, {"l", "v"}}),
                             {.field_manager = kManager})
                      .ok());
      client.Put(support::ConfigMapRef(),
                 support::ConfigMap({{"k", "hand"}, {"l", "v"}}),
                 "kubectl-edit");
      client.editor = editor;
      client.before = before;
      const auto applied = UpdateOwned(
          {}, client, support::ConfigMapRef(),
          support::ConfigMap({{"k", "w"}, {"l", "v"}}),
          {.manager = kManager,
           .uid = kube::UidOf(client.Stored(support::ConfigMapRef())),
           .may_force = [](const kube::FieldConflict&) { return true; },
           .fit =
               [](const Json& live) {
                 return support::ConfigMap(
                     {{"k", "w"}, {"l", live["data"]["l"]}});
               }});
      ASSERT_TRUE(applied.ok()) << applied.status();
      EXPECT_EQ(client.Stored(support::ConfigMapRef())["data"],
                Json({{"k", "w"}, {"l", "theirs"}}));
    }
  }
}

TEST_F(UpdateOwnedTest, WithoutConflictsItIsOneRequest) {
  rules_.sources = EarlierManagers({"former"}, true, nullptr);
  client_.ClearCalls();
  ASSERT_TRUE(Update(support::ConfigMap({{"k", "w"}})).ok());
  EXPECT_THAT(client_.CallLines(), ElementsAre("APPLY ConfigMap \"ns/x\""));
}

TEST_F(UpdateOwnedTest, FieldOfAFormerManagerOfOursGoesAway) {
  ASSERT_TRUE(client_
                  .Apply({}, support::ConfigMapRef(),
                         support::ConfigMap({{"f", "1"}, {"g", "1"}}),
                         {.field_manager = "former"})
                  .ok());
  rules_.sources = EarlierManagers({"former"}, false, nullptr);
  // A changed value of it is a conflict at first.
  ASSERT_TRUE(Update(support::ConfigMap({{"k", "w"}, {"f", "2"}}), false).ok());
  EXPECT_EQ(client_.Stored(support::ConfigMapRef())["data"],
            Json({{"k", "w"}, {"f", "2"}}));
  EXPECT_TRUE(
      kube::OwnsOnly(client_.Stored(support::ConfigMapRef()), kManager));
}

TEST_F(UpdateOwnedTest, FieldOfAnEarlierToolGoesAwayWhereStateHasIt) {
  client_.Put(
      support::ConfigMapRef(),
      support::ConfigMap({{"k", "v"}, {"old", "v"}, {"h", "1"}, {"late", "1"}}),
      "helm");
  rules_.sources =
      EarlierManagers({}, true, support::ConfigMap({{"k", "v"}, {"h", "1"}}));
  ASSERT_TRUE(Update(support::ConfigMap({{"k", "v"}, {"old", "v"}})).ok());
  EXPECT_EQ(client_.Stored(support::ConfigMapRef())["data"],
            Json({{"k", "v"}, {"old", "v"}, {"late", "1"}}));
}

TEST_F(UpdateOwnedTest, AfterTheFirstUpdateOtherToolsKeepTheirFields) {
  client_.Put(support::ConfigMapRef(),
              support::ConfigMap({{"k", "v"}, {"old", "v"}, {"h", "1"}}),
              "helm");
  rules_.sources = EarlierManagers({}, false, nullptr);
  ASSERT_TRUE(Update(support::ConfigMap({{"k", "v"}})).ok());
  EXPECT_EQ(client_.Stored(support::ConfigMapRef())["data"],
            Json({{"k", "v"}, {"h", "1"}}));
}

// As volumes are: two sources are refused, and null takes none away.
TEST_F(UpdateOwnedTest, WhatKeepsValidationFromTheBodyIsTakenAhead) {
  client_.Put(support::ConfigMapRef(),
              support::ConfigMap({{"configMap", "theirs"}}), "helm");
  client_.Admit([](const Json& object) {
    return object["data"].size() > 1
               ? absl::InvalidArgumentError("more than 1 volume type")
               : absl::OkStatus();
  });
  EXPECT_FALSE(Update(support::ConfigMap({{"projected", "ours"}})).ok());
  EXPECT_EQ(client_.Stored(support::ConfigMapRef())["data"],
            Json({{"configMap", "theirs"}}));
  rules_.ahead = {{.from = kube::IsEarlierTool,
                   .fields = {{"f:data", {{"f:configMap", Json::object()}}}}}};
  const auto updated = Update(support::ConfigMap({{"projected", "ours"}}));
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(client_.Stored(support::ConfigMapRef())["data"],
            Json({{"projected", "ours"}}));
}

TEST(IsHandEditTest, IsAnUpdateOfAFieldThatBothBodiesHave) {
  const Json wrote = support::ConfigMap({{"k", 1}, {"a.b", 1}});
  const Json body =
      support::ConfigMap({{"k", 2}, {"new", 1}, {"a.b", 1}, {"a", {{"b", 1}}}});
  const auto edit = [&](const char* field, const char* operation = "Update") {
    return IsHandEdit(wrote, body, {.field = field, .operation = operation});
  };
  EXPECT_TRUE(edit(".data.k"));
  EXPECT_FALSE(edit(".data.k", "Apply"));
  EXPECT_FALSE(edit(".data.new"));
  EXPECT_FALSE(edit(".data.other"));
  // It may be the one that we never wrote.
  EXPECT_FALSE(edit(".data.a.b"));
}

TEST_F(UpdateOwnedTest, TheServersListOfConflictsCanBeLeftOut) {
  ASSERT_TRUE(client_
                  .Apply({}, support::ConfigMapRef(),
                         support::ConfigMap({{"k", "theirs"}}),
                         {.field_manager = "argocd", .force = true})
                  .ok());
  const absl::Status refused =
      Update(support::ConfigMap({{"k", "new"}})).status();
  ASSERT_TRUE(kube::HasFieldConflicts(refused));
  ASSERT_THAT(kube::Cause(refused), HasSubstr(".data.k"));
  const absl::Status bare = WithoutConflictList(refused);
  EXPECT_THAT(kube::Cause(bare), Not(HasSubstr(".data.k")));
  EXPECT_EQ(bare.code(), refused.code());
  EXPECT_EQ(kube::RequestLine(bare), kube::RequestLine(refused));
  EXPECT_EQ(kube::FieldConflicts(bare).size(),
            kube::FieldConflicts(refused).size());
}

}  // namespace
}  // namespace ssa
