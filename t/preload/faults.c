
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 *
 * Loaded in front of the C library, it has calls fail as they do on a machine
 * that is short of something: a test says in a file, which it and all
 * processes of nginx map, which kinds of calls count, and which one of them
 * fails.
 *
 * What the module asks of nginx fails too, as most of it is memory of a pool,
 * which hides malloc() for all but one request in many: the module's table of
 * addresses leads here.
 */


#define _GNU_SOURCE

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>


#define FAULTS_MODULE     "ngx_http_oauthcc_module"
#define FAULTS_CALLS      262144
#define FAULTS_PROCESSES  32768
#define FAULTS_FRAMES     16

#if (__WORDSIZE == 64)
#define faults_symbol   ELF64_R_SYM
#else
#define faults_symbol   ELF32_R_SYM
#endif


enum {
    FAULTS_MEMORY = 1,
    FAULTS_NGINX  = 2,
    FAULTS_SLAB   = 4,
    FAULTS_FILE   = 8,
    FAULTS_SOCKET = 16,
    FAULTS_EVENT  = 32,
    FAULTS_MMAP   = 64
};


typedef struct {
    long            kinds;    /* those that count */
    long            at;       /* the call that fails, from 1; 0: none */
    long            all;      /* and those that follow */
    long            calls;    /* how many there were */
    long            failed;
    long            note;     /* where they come from is noted */
    long            processes;

    /* where calls came from, by their numbers: all of it, the module's part */

    struct {
        unsigned long   stack;
        unsigned long   module;
    } call[FAULTS_CALLS];

    /* how much memory each process has that it has not given back */

    struct {
        long            pid;
        long            blocks;
    } process[FAULTS_PROCESSES];
} faults_t;


extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *p);


static faults_t      *faults;
static long          *blocks;
static long           unmapped;
static unsigned long  module_start, module_end;
static int            noting, trace = -1;


static void
faults_process(void)
{
    long  n, inherited;

    if (faults == NULL) {
        return;
    }

    inherited = blocks ? *blocks : unmapped;
    n = __atomic_fetch_add(&faults->processes, 1, __ATOMIC_SEQ_CST);

    if (n >= FAULTS_PROCESSES) {
        abort();
    }

    blocks = &faults->process[n].blocks;
    *blocks = inherited;
    faults->process[n].pid = getpid();
}


__attribute__((constructor)) static void
faults_init(void)
{
    int          fd;
    void        *p, *frames[2];
    const char  *name;

    name = getenv("FAULTS_CONTROL");
    fd = name ? open(name, O_RDWR|O_CLOEXEC) : -1;

    if (fd == -1) {
        return;
    }

    p = mmap(NULL, sizeof(faults_t), PROT_READ|PROT_WRITE, MAP_SHARED, fd, 0);

    close(fd);

    name = getenv("FAULTS_TRACE");

    if (name) {
        trace = open(name, O_WRONLY|O_CREAT|O_APPEND|O_CLOEXEC, 0600);
    }

    /* its first call loads a library */

    backtrace(frames, 2);

    if (p == MAP_FAILED || pthread_atfork(NULL, NULL, faults_process) != 0) {
        return;
    }

    faults = p;

    faults_process();
}


static void
faults_note(long n)
{
    int             i, depth;
    void           *frames[FAULTS_FRAMES];
    unsigned long   address, stack, module;

    noting = 1;
    depth = backtrace(frames, FAULTS_FRAMES);
    noting = 0;

    stack = 5381;
    module = 0;

    for (i = 1; i < depth; i++) {
        address = (unsigned long) frames[i];
        stack = stack * 33 + address;

        if (address >= module_start && address < module_end) {
            module = module * 33 + address;
        }
    }

    faults->call[n - 1].stack = stack;
    faults->call[n - 1].module = module;
}


/* who has made the call that fails */

static void
faults_trace(void)
{
    int    depth;
    void  *frames[FAULTS_FRAMES];

    noting = 1;
    depth = backtrace(frames, FAULTS_FRAMES);
    backtrace_symbols_fd(frames, depth, trace);
    (void) !write(trace, "\n", 1);
    noting = 0;
}


static int
faults_fails(int kind, int error)
{
    long  n;

    if (faults == NULL || noting || !(faults->kinds & kind)) {
        return 0;
    }

    n = __atomic_add_fetch(&faults->calls, 1, __ATOMIC_SEQ_CST);

    if (faults->note && n <= FAULTS_CALLS) {
        faults_note(n);
    }

    if (faults->at == 0 || n < faults->at || (n > faults->at && !faults->all))
    {
        return 0;
    }

    __atomic_add_fetch(&faults->failed, 1, __ATOMIC_SEQ_CST);

    if (trace != -1) {
        faults_trace();
    }

    errno = error;

    return 1;
}


/* memory */

static void *
faults_block(void *p)
{
    if (p) {
        ++*(blocks ? blocks : &unmapped);
    }

    return p;
}


void *
malloc(size_t size)
{
    return faults_fails(FAULTS_MEMORY, ENOMEM)
           ? NULL : faults_block(__libc_malloc(size));
}


void *
calloc(size_t n, size_t size)
{
    return faults_fails(FAULTS_MEMORY, ENOMEM)
           ? NULL : faults_block(__libc_calloc(n, size));
}


void
free(void *p)
{
    if (p) {
        --*(blocks ? blocks : &unmapped);
    }

    __libc_free(p);
}


void *
realloc(void *p, size_t size)
{
    void  *new;

    if (p && size == 0) {
        free(p);
        return NULL;
    }

    if (faults_fails(FAULTS_MEMORY, ENOMEM)) {
        return NULL;
    }

    new = __libc_realloc(p, size);

    return p ? new : faults_block(new);
}


void *
memalign(size_t alignment, size_t size)
{
    return faults_fails(FAULTS_MEMORY, ENOMEM)
           ? NULL : faults_block(__libc_memalign(alignment, size));
}


void *
aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}


int
posix_memalign(void **p, size_t alignment, size_t size)
{
    void  *new;

    new = memalign(alignment, size);

    if (new == NULL) {
        return ENOMEM;
    }

    *p = new;

    return 0;
}


/* the rest of the C library, and what the module calls of nginx */

#define faults_define(type, symbol, from, name, args, pass, kind, error,      \
                      failure)                                                \
                                                                              \
    type symbol args;                                                         \
                                                                              \
    type                                                                      \
    symbol args                                                               \
    {                                                                         \
        static type (*next) args;                                             \
                                                                              \
        if (next == NULL) {                                                   \
            next = (type (*) args) dlsym(from, #name);                        \
        }                                                                     \
                                                                              \
        return faults_fails(kind, error) ? (failure) : next pass;             \
    }

#define faults_libc(type, name, args, pass, kind, error)                      \
    faults_define(type, name, RTLD_NEXT, name, args, pass, kind, error,       \
                  (type) -1)

#define faults_open(name, params, args)                                       \
                                                                              \
    int name(params, int flags, ...);                                         \
                                                                              \
    int                                                                       \
    name(params, int flags, ...)                                              \
    {                                                                         \
        int          mode;                                                    \
        va_list      list;                                                    \
        static int (*next)(params, int, ...);                                 \
                                                                              \
        if (next == NULL) {                                                   \
            next = (int (*)(params, int, ...)) dlsym(RTLD_NEXT, #name);       \
        }                                                                     \
                                                                              \
        va_start(list, flags);                                                \
        mode = (flags & O_CREAT) ? va_arg(list, int) : 0;                     \
        va_end(list);                                                         \
                                                                              \
        return faults_fails(FAULTS_FILE, EMFILE) ? -1                         \
                                                 : next(args, flags, mode);   \
    }

#define faults_and      ,

faults_open(open, const char *path, path)
faults_open(open64, const char *path, path)
faults_open(openat, int dir faults_and const char *path, dir faults_and path)
faults_open(openat64, int dir faults_and const char *path, dir faults_and path)

faults_libc(int, fstat, (int fd, struct stat *st), (fd, st),
            FAULTS_FILE, EIO)
faults_libc(int, fstat64, (int fd, struct stat64 *st), (fd, st),
            FAULTS_FILE, EIO)
faults_libc(ssize_t, read, (int fd, void *p, size_t n), (fd, p, n),
            FAULTS_FILE, EIO)
faults_libc(ssize_t, pread, (int fd, void *p, size_t n, off_t offset),
            (fd, p, n, offset), FAULTS_FILE, EIO)
faults_libc(ssize_t, pread64, (int fd, void *p, size_t n, off64_t offset),
            (fd, p, n, offset), FAULTS_FILE, EIO)

faults_libc(int, socket, (int domain, int type, int protocol),
            (domain, type, protocol), FAULTS_SOCKET, EMFILE)
faults_libc(int, bind, (int fd, const struct sockaddr *sa, socklen_t len),
            (fd, sa, len), FAULTS_SOCKET, ENOMEM)
faults_libc(int, listen, (int fd, int backlog), (fd, backlog),
            FAULTS_SOCKET, ENOMEM)
faults_libc(int, connect, (int fd, const struct sockaddr *sa, socklen_t len),
            (fd, sa, len), FAULTS_SOCKET, EADDRNOTAVAIL)
faults_libc(int, accept4, (int fd, struct sockaddr *sa, socklen_t *len,
            int flags), (fd, sa, len, flags), FAULTS_SOCKET, EMFILE)
faults_libc(int, accept, (int fd, struct sockaddr *sa, socklen_t *len),
            (fd, sa, len), FAULTS_SOCKET, EMFILE)

faults_libc(int, eventfd, (unsigned count, int flags), (count, flags),
            FAULTS_EVENT, EMFILE)
faults_libc(int, epoll_create, (int n), (n), FAULTS_EVENT, EMFILE)
faults_libc(int, epoll_ctl, (int fd, int op, int of, struct epoll_event *ev),
            (fd, op, of, ev), FAULTS_EVENT, ENOMEM)

faults_libc(void *, mmap, (void *p, size_t len, int prot, int flags, int fd,
            off_t offset), (p, len, prot, flags, fd, offset), FAULTS_MMAP,
            ENOMEM)
faults_libc(void *, mmap64, (void *p, size_t len, int prot, int flags, int fd,
            off64_t offset), (p, len, prot, flags, fd, offset), FAULTS_MMAP,
            ENOMEM)


/*
 * What the module calls of nginx: the arguments are words here, and a function
 * that wants fewer does not look at the rest.
 */

typedef unsigned long  word_t;

#define faults_nginx(name, failure)                                           \
    faults_define(word_t, faults_of_ ## name, RTLD_DEFAULT, name,             \
                  (word_t a, word_t b, word_t c, word_t d, word_t e,          \
                   word_t f),                                                 \
                  (a, b, c, d, e, f), FAULTS_NGINX, ENOMEM, (word_t) (failure))

#define faults_pointers(each)                                                 \
    each(ngx_alloc) each(ngx_calloc) each(ngx_create_pool) each(ngx_palloc)   \
    each(ngx_pnalloc) each(ngx_pcalloc) each(ngx_pmemalign)                   \
    each(ngx_pstrdup) each(ngx_pool_cleanup_add) each(ngx_array_create)       \
    each(ngx_array_push) each(ngx_array_push_n) each(ngx_list_create)         \
    each(ngx_list_push) each(ngx_create_temp_buf)                             \
    each(ngx_create_chain_of_bufs) each(ngx_alloc_chain_link)                 \
    each(ngx_get_connection) each(ngx_shared_memory_add)                      \
    each(ngx_resolve_start) each(ngx_http_create_request)                     \
    each(ngx_http_cleanup_add) each(ngx_http_add_variable)                    \
    each(ngx_http_upstream_add)

#define faults_statuses(each)                                                 \
    each(ngx_get_full_name) each(ngx_parse_addr) each(ngx_read_file)          \
    each(ngx_conf_parse) each(ngx_conf_include)                               \
    each(ngx_event_connect_peer) each(ngx_handle_read_event)                  \
    each(ngx_handle_write_event) each(ngx_http_complex_value)                 \
    each(ngx_http_compile_complex_value) each(ngx_http_subrequest)            \
    each(ngx_http_send_header) each(ngx_http_output_filter)                   \
    each(ngx_http_upstream_init_round_robin)                                  \
    each(ngx_http_upstream_create_round_robin_peer)

#define faults_slabs(each)                                                    \
    each(ngx_slab_alloc) each(ngx_slab_calloc)                                \
    each(ngx_slab_alloc_locked) each(ngx_slab_calloc_locked)

#define faults_pointer(name)  faults_nginx(name, 0)
#define faults_status(name)   faults_nginx(name, -1)

#define faults_slab(name)                                                     \
    faults_define(word_t, faults_of_ ## name, RTLD_DEFAULT, name,             \
                  (word_t a, word_t b), (a, b), FAULTS_SLAB, ENOMEM, 0)

#define faults_row(name)  { #name, (void *) faults_of_ ## name },

faults_pointers(faults_pointer)
faults_statuses(faults_status)
faults_slabs(faults_slab)

static struct {
    const char  *name;
    void        *handler;
} faults_calls[] = {
    faults_pointers(faults_row)
    faults_statuses(faults_row)
    faults_slabs(faults_row)
    { NULL, NULL }
};


/* a table of the addresses that the dynamic linker has put into the module */

static void
faults_redirect(ElfW(Addr) base, const ElfW(Dyn) *dynamic, int table, int len,
    size_t entry)
{
    int                i;
    void             **slot;
    char              *page, *row, *end;
    const char        *names, *name;
    const ElfW(Sym)   *symbols;

    row = end = NULL;
    names = NULL;
    symbols = NULL;
    i = 0;

    for ( /* void */ ; dynamic->d_tag != DT_NULL; dynamic++) {

        if (dynamic->d_tag == table) {
            row = (char *) dynamic->d_un.d_ptr;

        } else if (dynamic->d_tag == len) {
            i = dynamic->d_un.d_val;

        } else if (dynamic->d_tag == DT_STRTAB) {
            names = (const char *) dynamic->d_un.d_ptr;

        } else if (dynamic->d_tag == DT_SYMTAB) {
            symbols = (const ElfW(Sym) *) dynamic->d_un.d_ptr;
        }
    }

    if (row == NULL || names == NULL || symbols == NULL) {
        return;
    }

    for (end = row + i; row < end; row += entry) {
        slot = (void **) (base + ((ElfW(Rel) *) row)->r_offset);
        name = names
               + symbols[faults_symbol(((ElfW(Rel) *) row)->r_info)].st_name;

        for (i = 0; faults_calls[i].name; i++) {

            if (strcmp(faults_calls[i].name, name) != 0
                || *slot != dlsym(RTLD_DEFAULT, name))
            {
                continue;
            }

            page = (char *) ((ElfW(Addr)) slot
                             & ~((ElfW(Addr)) sysconf(_SC_PAGESIZE) - 1));

            if (mprotect(page, (char *) (slot + 1) - page,
                         PROT_READ|PROT_WRITE)
                == 0)
            {
                *slot = faults_calls[i].handler;
            }
        }
    }
}


static int
faults_range(struct dl_phdr_info *info, size_t size, void *data)
{
    int                i;
    ElfW(Addr)         start;
    const ElfW(Dyn)   *dynamic;

    (void) size;
    (void) data;

    if (strstr(info->dlpi_name, FAULTS_MODULE) == NULL) {
        return 0;
    }

    dynamic = NULL;

    for (i = 0; i < info->dlpi_phnum; i++) {
        start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;

        if (info->dlpi_phdr[i].p_type == PT_DYNAMIC) {
            dynamic = (const ElfW(Dyn) *) start;

        } else if (info->dlpi_phdr[i].p_type == PT_LOAD
                   && (info->dlpi_phdr[i].p_flags & PF_X))
        {
            module_start = start;
            module_end = start + info->dlpi_phdr[i].p_memsz;
        }
    }

    if (dynamic) {
        faults_redirect(info->dlpi_addr, dynamic, DT_RELA, DT_RELASZ,
                        sizeof(ElfW(Rela)));
        faults_redirect(info->dlpi_addr, dynamic, DT_REL, DT_RELSZ,
                        sizeof(ElfW(Rel)));
        faults_redirect(info->dlpi_addr, dynamic, DT_JMPREL, DT_PLTRELSZ,
                        sizeof(void *) == 8 ? sizeof(ElfW(Rela))
                                            : sizeof(ElfW(Rel)));
    }

    return 1;
}


void *
dlopen(const char *name, int flags)
{
    void          *handle;
    static void *(*next)(const char *, int);

    if (next == NULL) {
        next = (void *(*)(const char *, int)) dlsym(RTLD_NEXT, "dlopen");
    }

    handle = next(name, flags);

    if (handle && name && strstr(name, FAULTS_MODULE)) {
        dl_iterate_phdr(faults_range, NULL);
    }

    return handle;
}
