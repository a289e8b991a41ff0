// Emitter: writes into a Builder, but opens an object or array only when its first value comes, so that an object whose
// members are all absent is not there at all.
#pragma once

#include <string_view>
#include <vector>

#include "gateway/value/document.hpp"

namespace tributary::mapping {

class Emitter {
  public:
    explicit Emitter(value::Builder& builder) : builder_(&builder) {}

    // Begins the record itself, which is written even when it stays empty. Whatever was written before is forgotten.
    void begin_record() {
        waiting_.clear();
        outer_.clear();
        inside_array_ = hollow_ = false;
        builder_->reset();
        builder_->begin_object();
    }
    void end_record() { builder_->end(); }

    // `key` is ignored inside an array. Must live until the object ends.
    void begin_object(std::string_view key) { push(key, false); }
    void begin_array(std::string_view key) { push(key, true); }
    // False when nothing was written into it: it is not there.
    bool end() {
        inside_array_ = outer_.back() != 0;
        outer_.pop_back();
        if (!waiting_.empty()) {
            waiting_.pop_back();
            return false;
        }
        builder_->end();
        return true;
    }

    // The builder, with everything that waited opened and the key announced: write one value now. When nothing is
    // written after all, say so.
    value::Builder& value(std::string_view key) {
        opened_ = !waiting_.empty();
        if (opened_) open_waiting();
        if (!inside_array_) builder_->key(key);
        return *builder_;
    }
    void nothing_written() {
        hollow_ = hollow_ || opened_;
        if (!inside_array_) builder_->key({});  // an announced key must not stick to what comes after the object
    }
    // Begins an object that the caller writes into through the builder as well.
    value::Builder& begin_open_object(std::string_view key) {
        begin_object(key);
        open_waiting();
        return *builder_;
    }
    // The object begun last got no value.
    void left_empty() { hollow_ = true; }

    // An object or array may stand empty, because the value it was opened for turned out to be none.
    bool hollow() const { return hollow_; }

  private:
    struct Waiting {
        std::string_view key;
        bool array = false, in_array = false;
    };

    void push(std::string_view key, bool array) {
        waiting_.push_back({key, array, inside_array_});
        outer_.push_back(inside_array_);
        inside_array_ = array;
    }
    void open_waiting() {
        for (const auto& next : waiting_) {
            if (!next.in_array) builder_->key(next.key);
            if (next.array)
                builder_->begin_array();
            else
                builder_->begin_object();
        }
        waiting_.clear();
    }

    value::Builder* builder_;
    std::vector<Waiting> waiting_;
    std::vector<char> outer_;
    bool inside_array_ = false, opened_ = false, hollow_ = false;
};

// `node` without objects and arrays that hold nothing.
value::Document without_hollows(value::Node node);

}  // namespace tributary::mapping
