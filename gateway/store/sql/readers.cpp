#include "gateway/store/sql/readers.hpp"

namespace tributary::store {

struct Readers::Reader {
    explicit Reader(std::unique_ptr<Connection> opened, DeadLetterLimits letters)
        : connection(std::move(opened)), session(*connection, letters) {}
    std::unique_ptr<Connection> connection;
    SqlReadSession session;
};

Readers::Readers(Open open, DeadLetterLimits letters, std::size_t keep)
    : open_(std::move(open)), letters_(letters), keep_(keep) {}

Readers::~Readers() = default;

Result<std::unique_ptr<Readers::Reader>> Readers::take() {
    {
        const std::lock_guard lock(mutex_);
        if (!idle_.empty()) {
            auto reader = std::move(idle_.back());
            idle_.pop_back();
            return reader;
        }
    }
    auto connection = open_();
    if (!connection) {
        connection.error().fault = Fault::transient;
        return pass(std::move(connection));
    }
    return std::make_unique<Reader>(std::move(*connection), letters_);
}

void Readers::give_back(std::unique_ptr<Reader> reader) {
    const std::lock_guard lock(mutex_);
    if (idle_.size() < keep_) idle_.push_back(std::move(reader));
}

Result<void> Readers::read(const std::function<Result<void>(ReadSession&)>& read, bool& broken) {
    TRY(auto reader, take());
    auto outcome = reader->session.begin();
    if (outcome) outcome = read(reader->session);
    auto ended = reader->connection->in_transaction() ? reader->session.end() : Result<void>();
    broken = reader->connection->broken();
    if (!broken && ended) give_back(std::move(reader));
    if (!outcome) return outcome;
    return ended;
}

}  // namespace tributary::store
