/* A plug-in in plain C that does what its setting `mode` says: works, crashes, hangs, answers nonsense. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugins/sdk/tributary_plugin.h"

typedef struct instance {
    const tributary_host* host;
    char mode[16];
    char key[16];
    int closed_calls;
} instance;

static int holds(tributary_text text, const char* part) {
    const size_t size = strlen(part);
    for (size_t i = 0; i + size <= text.size; ++i)
        if (memcmp(text.data + i, part, size) == 0) return 1;
    return 0;
}

static void answer_with(tributary_answer* answer, const char* text) {
    answer->size = strlen(text);
    answer->owner = malloc(answer->size + 1);
    memcpy(answer->owner, text, answer->size + 1);
    answer->data = answer->owner;
}

static void* open_instance(const tributary_host* host, tributary_text request, tributary_answer* answer) {
    static const char* modes[] = {"crash", "hang", "slow", "nonsense", "print"};
    if (holds(request, "\"mode\":\"refuse\"")) {
        answer_with(answer, "{\"error\":{\"fault\":\"bad_config\",\"what\":\"the till has no such drawer\"}}");
        return NULL;
    }
    instance* made = calloc(1, sizeof *made);
    made->host = host;
    for (size_t i = 0; i < sizeof modes / sizeof *modes; ++i)
        if (holds(request, modes[i])) strcpy(made->mode, modes[i]);
    if (holds(request, "\"key\":\"fresh\"")) strcpy(made->key, "fresh");
    return made;
}

static void misbehave(instance* self) {
    if (strcmp(self->mode, "crash") == 0) raise(SIGKILL);
    if (strcmp(self->mode, "print") == 0) puts("a library that prints to standard output"), fflush(stdout);
    /* Both end some time, so that a test that goes wrong ends too. */
    for (int i = 0; i < 3000 && strcmp(self->mode, "hang") == 0; ++i) usleep(10000);
    for (int i = 0; i < 3000 && strcmp(self->mode, "slow") == 0; ++i) {
        usleep(1000);
        if (self->host->cancelled(self->host->context)) break;
    }
}

static void call(void* raw, tributary_text operation, tributary_text request, tributary_answer* answer) {
    instance* self = raw;
    const tributary_text line = {"called", 6};
    self->host->log(self->host->context, TRIBUTARY_INFO, line);
    if (holds(operation, "describe")) {
        answer_with(
            answer,
            "{\"streams\":[\"rows\"],\"actions\":[{\"name\":\"keep\",\"idempotency\":\"natural_key\",\"batch\":3}]}");
    } else if (holds(operation, "check")) {
        answer_with(answer,
                    self->key[0] ? "{}" : "{\"error\":{\"fault\":\"unauthorized\",\"what\":\"the key is stale\"}}");
    } else if (holds(operation, "pull")) {
        misbehave(self);
        if (strcmp(self->mode, "nonsense") == 0)
            answer_with(answer, "anna@example.com");
        else if (holds(request, "\"cursor\":\"2\""))
            answer_with(answer,
                        "{\"records\":[{\"id\":\"3\",\"json\":\"{\\\"n\\\":3}\"}],\"cursor\":\"3\",\"last\":true}");
        else
            answer_with(answer,
                        "{\"records\":[{\"id\":\"1\",\"json\":\"{\\\"n\\\":1}\"},{\"id\":\"2\",\"json\":\"not "
                        "json\"}],\"cursor\":\"2\",\"last\":false}");
    } else if (holds(operation, "push")) {
        misbehave(self);
        answer_with(answer,
                    "{\"outcomes\":[{\"remote_id\":\"r1\"},{\"error\":{\"fault\":\"rate_limited\",\"what\":\"slow "
                    "down\",\"retry_after_ms\":1500}}]}");
    } else if (holds(operation, "look_up")) {
        answer_with(answer, "{\"receipt\":null}");
    } else {
        answer_with(answer, "{\"error\":{\"fault\":\"not_found\",\"what\":\"gone\"}}");
    }
}

static void release(tributary_answer* answer) {
    free(answer->owner);
    memset(answer, 0, sizeof *answer);
}

static void close_instance(void* raw) {
    free(raw);
}

const tributary_plugin* tributary_plugin_entry(uint32_t host_abi) {
#ifdef AWKWARD_ABI
    static const tributary_plugin table = {AWKWARD_ABI,   sizeof(tributary_plugin), open_instance, call, release,
                                           close_instance};
    (void)host_abi;
    return &table;
#else
    static const tributary_plugin table = {TRIBUTARY_PLUGIN_ABI, sizeof(tributary_plugin), open_instance, call, release,
                                           close_instance};
    return host_abi == TRIBUTARY_PLUGIN_ABI ? &table : NULL;
#endif
}
