// RestSource: reads the streams of a definition page by page. One pull is one page with what belongs to its records.
#pragma once

#include "gateway/connector/connector.hpp"
#include "gateway/connector/declarative/exchange.hpp"

namespace tributary::connector {

class RestSource final : public Source {
  public:
    // Both outlive it.
    RestSource(const Definition& definition, Exchange& exchange) : definition_(definition), exchange_(exchange) {}

    run::Task<Result<Page>> pull(std::string stream, Cursor cursor) override;
    run::Task<Result<SourceRecord>> fetch(std::string stream, std::string external_id) override;

  private:
    using Records = std::vector<value::Document>;
    struct Read {
        Answer answer;
        Records records;
    };
    run::Task<Result<Read>> read_page(const StreamRule& stream, const Pager& pager, const Progress& progress);
    // One step of the export job: create, poll, or say that it failed. REQUIRES: the job is not ready.
    run::Task<Result<Page>> advance_job(const StreamRule& stream, Progress progress);
    run::Task<Result<Page>> create_job(const StreamRule& stream, Progress progress, int attempts);
    run::Task<> remove_job(const StreamRule& stream, Progress progress);
    run::Task<Result<Records>> include_all(const StreamRule& stream, Records records);
    run::Task<Result<std::vector<Records>>> rows_for(const Include& include, const Records& records);
    Result<std::string> key_of(const KeyRule& key, value::Node record) const;
    // Turns one page into records; the highest cursor value goes into `high`.
    Result<Page> page_of(const StreamRule& stream, const Records& records, std::string& high,
                         std::vector<std::string>& keys) const;

    const Definition& definition_;
    Exchange& exchange_;
};

}  // namespace tributary::connector
