#include "gateway/store/sql/connection.hpp"

#include "gateway/store/sql/names.hpp"

namespace tributary::store {

Connection::Connection() : names_(std::make_unique<Names>(*this)) {}

Connection::~Connection() = default;

void Connection::forget_names() {
    names_.reset();
}

}  // namespace tributary::store
