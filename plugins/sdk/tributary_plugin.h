/* Tributary plug-ins, ABI version 1: what a shared library shows so that a connection can run on it.
 *
 * One symbol, tributary_plugin_entry, and four functions behind it. Everything that crosses the border is plain: sizes,
 * pointers and UTF-8 JSON with its length (never a NUL at the end that counts). No exception, no C++ type, no memory
 * that one side allocates and the other frees: the library releases its answers itself.
 *
 * Threads: one instance is one connection; its calls come one at a time, always on the same thread, which is the
 * connection's own. Several instances run side by side. host->log and host->cancelled may be called from any thread
 * while a call is under way.
 *
 * Time: a call has a limit (call_timeout in connector.yaml). A call that is past it is given up by the gateway; a good
 * library asks host->cancelled() in its loops and returns. Without isolation a call that never returns fails its
 * connection until it does; with `isolation: process` it is killed.
 *
 * Isolation: without it a crash of the library is a crash of the gateway. `isolation: process` runs the very same
 * library in a process of its own.
 *
 * Requests and answers are described in README.md beside this file. */
#ifndef TRIBUTARY_PLUGIN_H
#define TRIBUTARY_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised when something here changes in a way that old libraries would not survive. */
#define TRIBUTARY_PLUGIN_ABI 1u

#if defined(_WIN32)
#define TRIBUTARY_PLUGIN_EXPORT __declspec(dllexport)
#else
#define TRIBUTARY_PLUGIN_EXPORT __attribute__((visibility("default")))
#endif

/* Bytes that belong to the side that made them, valid until the function that got them returns. */
typedef struct tributary_text {
    const char* data;
    size_t size;
} tributary_text;

/* An answer: bytes that the library made. `owner` is the library's own business. The gateway copies the bytes and then
 * calls release() with the same struct. */
typedef struct tributary_answer {
    const char* data;
    size_t size;
    void* owner;
} tributary_answer;

enum tributary_log_level { TRIBUTARY_DEBUG = 0, TRIBUTARY_INFO = 1, TRIBUTARY_WARN = 2, TRIBUTARY_ERROR = 3 };

/* What the gateway offers. Lives as long as the instance. Look at `size` before you use a member that a later version
 * of this header added. */
typedef struct tributary_host {
    uint32_t abi;  /* the gateway's TRIBUTARY_PLUGIN_ABI */
    uint32_t size; /* sizeof(tributary_host) on its side */
    void* context; /* to be handed back */
    /* One line for the gateway's log. Never a credential, never a person's data. */
    void (*log)(void* context, int32_t level, tributary_text message);
    /* Not 0: the call under way is past its time limit, nobody waits for its answer. */
    int32_t (*cancelled)(void* context);
} tributary_host;

typedef struct tributary_plugin {
    uint32_t abi;  /* TRIBUTARY_PLUGIN_ABI as the library was built */
    uint32_t size; /* sizeof(tributary_plugin) as the library was built */
    /* Makes an instance of {"connection", "settings", "credentials"}; reads no network. NULL: it cannot be made, and
     * `answer` holds the error. Otherwise `answer` is left alone. */
    void* (*open)(const tributary_host* host, tributary_text request, tributary_answer* answer);
    /* One operation: describe, check, pull, fetch, push or look_up. Always fills `answer`. */
    void (*call)(void* instance, tributary_text operation, tributary_text request, tributary_answer* answer);
    void (*release)(tributary_answer* answer);
    void (*close)(void* instance);
} tributary_plugin;

/* The one symbol. Called once, before anything else; `host_abi` is the gateway's version. Returns a table that lives as
 * long as the library, or NULL: this library cannot work with that version. */
TRIBUTARY_PLUGIN_EXPORT const tributary_plugin* tributary_plugin_entry(uint32_t host_abi);

#ifdef __cplusplus
}
#endif

#endif
