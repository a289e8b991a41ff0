// Payload: a canonical record as the queue and the dead letters hold it: clear JSON beside one sealed blob.
#pragma once

#include <string>
#include <string_view>

#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/crypto/aead.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/value/document.hpp"

namespace tributary::flow {

// Where a sealed blob belongs: a blob moved to another row does not open.
crypto::Place record_place(const Uid& record);
crypto::Place item_place(std::string_view destination, const Uid& local, std::string_view op_key);
crypto::Place raw_place(std::string_view connection, std::string_view stream, std::string_view record_key);

// Opens and joins. `sealed` may be empty. not_found when the subject's key was destroyed.
Result<value::Document> open_payload(World& world, const Uid& subject, const crypto::Place& place,
                                     std::string_view clear, std::string_view sealed);

}  // namespace tributary::flow
