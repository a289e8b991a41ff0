// PostgresPrepared: a statement with its values, and the rows of its newest run.
#pragma once

#include <string>
#include <vector>

#include "gateway/store/postgres/postgres_link.hpp"
#include "gateway/store/sql/connection.hpp"

namespace tributary::store {

class PostgresConnection;

class PostgresPrepared final : public Prepared {
  public:
    // Both outlive it.
    PostgresPrepared(PostgresConnection& connection, PostgresShape& shape);
    void bind(int index, std::int64_t value) override;
    void bind_text(int index, std::string_view value) override;
    void bind_blob(int index, std::string_view value) override { bind_text(index, value); }
    void bind_null(int index) override;
    Result<bool> step() override;
    void reset() override;
    std::int64_t changed() const override { return changed_; }
    std::int64_t integer(int column) const override;
    std::string_view bytes(int column) const override;
    bool null(int column) const override;
    std::size_t together() const override { return kTogether; }
    void clear_aside() override;
    Result<void> put_aside() override;
    Result<void> run_aside() override;
    void next() override;

  private:
    struct Value {
        enum class Kind { null, integer, bytes } kind = Kind::null;
        std::int64_t number = 0;
        std::string_view bytes;
        std::string encoded;
    };
    // Enough to forget the round trip; few enough that the answers need little room.
    static constexpr std::size_t kTogether = 512;

    Value* at(int index);
    Result<void> encode();
    Result<void> execute();
    void see(PostgresAnswer answer);

    PostgresConnection& connection_;
    PostgresShape& shape_;
    std::vector<Value> values_;
    PostgresValues wire_;
    PostgresAnswer answer_;
    PostgresRuns aside_;
    std::vector<PostgresAnswer> answers_;
    std::size_t seen_ = 0;  // of answers_
    int row_ = 0;
    std::int64_t changed_ = 0;
};

}  // namespace tributary::store
