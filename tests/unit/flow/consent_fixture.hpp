// People who agree and withdraw, in a small gateway: the mapping takes what they said, how and when.
#pragma once

#include "gateway/flow/propagation_worker.hpp"
#include "gateway/record/timestamp.hpp"
#include "tests/unit/flow/world_fixture.hpp"

namespace tributary::flow {

class ConsentFixture : public WorldFixture {
  public:
    ConsentFixture() {
        for (auto name : {"shop", "erp"}) world->connections.at(name).streams.at("people").plan = plan(kSaying);
    }

    // `more`: further members of the source record, such as R"("country":"DE",)"; who and how say whose word it is.
    std::string saying(const std::string& id, const std::string& what, const std::string& purpose = "marketing.email",
                       const std::string& more = "") {
        auto now = record::timestamp_text(clock.now());
        std::string said = what.empty() ? "" : R"("said":")" + what + R"(","purpose":")" + purpose + R"(",)";
        if (more.find("\"who\"") == std::string::npos) said += R"("who":"subject",)";
        if (more.find("\"how\"") == std::string::npos) said += R"("how":"explicit",)";
        return R"({"id":")" + id + R"(","name":"Person )" + id + R"(","email":"p)" + id + R"(@example.com",)" + said +
               more + R"("at":")" + now + R"("})";
    }
    BatchResult say(const std::string& id, const std::string& what, const std::string& purpose = "marketing.email",
                    const std::string& more = "", const std::string& connection = "shop") {
        clock.advance(std::chrono::seconds(1));
        return take(connection, id, saying(id, what, purpose, more));
    }
    // All of them in one commit.
    void say_all(const std::vector<std::string>& ids, const std::string& what) {
        clock.advance(std::chrono::seconds(1));
        Batch batch;
        batch.connection = "shop";
        for (const auto& id : ids) batch.records.push_back({"people", {id, saying(id, what), false}});
        auto result = process->process(std::move(batch));
        INFO((result ? "" : result.error().text()));
        REQUIRE(result.has_value());
    }

    std::size_t tell() {
        auto told = run::run_blocking(loop, PropagationWorker(*world).round());
        INFO((told ? "" : told.error().text()));
        REQUIRE(told.has_value());
        return *told;
    }
    std::vector<store::PropagationTask> tasks() {
        return read<std::vector<store::PropagationTask>>(
            [](store::ReadSession& session) { return session.propagation().list({}, 0, 1000); });
    }

    static constexpr const char* kSaying = R"(
mapping: test/saying
to: contact
fields:
  name.full: name
  emails: [email]
  birth_date: born
  addresses: [ { fields: { country: country }, when: country } ]
  gov_ids: [ { fields: { scheme: { value: passport }, value: passport }, when: passport } ]
  updated_at: { from: at, format: rfc3339 }
consent:
  - when: said
    fields:
      contact_ref: id
      purpose: purpose
      event_state: said
      event_time: { from: at, format: rfc3339 }
      event_type: how
      origin: who
      lawful_basis: basis
      proof.kind: { value: doi_token, when: { path: who, not: import } }
      doi.confirmed_at: { from: at, format: rfc3339 }
      capture.ip_prefix: ip
      recipients: [to]
)";
};

}  // namespace tributary::flow
