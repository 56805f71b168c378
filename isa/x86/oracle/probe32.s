# Runs single instructions on given states, for the tests that compare their meaning with an oracle's: the 32-bit twin of
# probe.s. A static program without a C library: it reads batches of cases from standard input and writes the results.
# The layout of a case, the addresses and the batch size are those of tests/src/probe; the state is that of the description beside it.
.intel_syntax noprefix

.equ BASE,    0x10000000
.equ INPUT,   0x10100000
.equ OUTPUT,  0x10200000
.equ STACK,   0x10300000
.equ ALTSTACK,0x10310000
.equ SCRATCH, 0x20000000

.equ STATE_BYTES,  176
.equ CODE_BYTES,   32
.equ PAGE_BYTES,   4096
.equ CASE_BYTES,   STATE_BYTES + CODE_BYTES + PAGE_BYTES
.equ SLOT_BYTES,   64
.equ SLOT_CODE,    16

.equ AT_EFLAGS, 32
.equ AT_MXCSR,  36
.equ AT_XMM,    48

# Status flags and the direction flag: a case must not single-step or trap on alignment.
.equ FLAGS_OF_A_CASE, 0xcd5

.equ LEFT,           BASE + 0x3000
.equ CURRENT_CASE,   BASE + 0x3004
.equ CURRENT_RESULT, BASE + 0x3008
.equ CURRENT_SLOT,   BASE + 0x300c
.equ SAVED_EBX,      BASE + 0x3010
.equ WANTED,         BASE + 0x3014

.equ SIGNALS, BASE + 0xf00
.equ ACTION,  BASE + 0xf10
.equ ALTERNATE, BASE + 0xf30

.equ SYS_exit, 1
.equ SYS_read, 3
.equ SYS_write, 4
.equ SYS_rt_sigaction, 174
.equ SYS_sigaltstack, 186

.text
.globl _start
_start:
    mov  ebx, ALTERNATE
    xor  ecx, ecx
    mov  eax, SYS_sigaltstack
    int  0x80
    mov  edi, SIGNALS
1:  movzx ebx, byte ptr [edi]
    inc  edi
    test ebx, ebx
    jz   next_batch
    mov  ecx, ACTION
    xor  edx, edx
    mov  esi, 8
    mov  eax, SYS_rt_sigaction
    int  0x80
    jmp  1b

next_batch:
    mov  esp, STACK
    mov  ecx, INPUT
    mov  dword ptr [WANTED], 8
    call read_all
    mov  eax, [INPUT]               # number of cases
    mov  [LEFT], eax
    mov  ecx, INPUT
    imul eax, eax, CASE_BYTES
    mov  [WANTED], eax
    call read_all

    # All code is written before any of it runs, so that an emulator throws the translation of a page away once a batch.
    mov  esi, INPUT + STATE_BYTES
    mov  edi, BASE + 0x1000 + SLOT_CODE
    mov  ecx, [LEFT]
1:  movups xmm0, [esi]
    movups xmm1, [esi + 16]
    movups [edi], xmm0
    movups [edi + 16], xmm1
    add  esi, CASE_BYTES
    add  edi, SLOT_BYTES
    dec  ecx
    jnz  1b

    mov  dword ptr [CURRENT_CASE], INPUT
    mov  dword ptr [CURRENT_RESULT], OUTPUT
    mov  dword ptr [CURRENT_SLOT], BASE + 0x1000 + SLOT_CODE

run_case:
    mov  ebx, [CURRENT_CASE]
    lea  esi, [ebx + STATE_BYTES + CODE_BYTES]
    mov  edi, SCRATCH
    mov  ecx, PAGE_BYTES / 4
    rep  movsd
    fninit
    ldmxcsr [ebx + AT_MXCSR]
    .irp n, 0,1,2,3,4,5,6,7
    movups xmm\n, [ebx + AT_XMM + 16 * \n]
    .endr
    mov  eax, [ebx + AT_EFLAGS]
    and  eax, FLAGS_OF_A_CASE
    push eax
    popfd
    mov  eax, [ebx]
    mov  ecx, [ebx + 8]
    mov  edx, [ebx + 12]
    mov  esi, [ebx + 16]
    mov  edi, [ebx + 20]
    mov  ebp, [ebx + 24]
    mov  esp, [ebx + 28]
    mov  ebx, [ebx + 4]
    jmp  dword ptr [CURRENT_SLOT]

# Here every slot ends. Nothing before pushfd changes a flag.
save:
    mov  [SAVED_EBX], ebx
    mov  ebx, [CURRENT_RESULT]
    mov  [ebx + 16], eax
    mov  eax, [SAVED_EBX]
    mov  [ebx + 16 + 4], eax
    mov  [ebx + 16 + 8], ecx
    mov  [ebx + 16 + 12], edx
    mov  [ebx + 16 + 16], esi
    mov  [ebx + 16 + 20], edi
    mov  [ebx + 16 + 24], ebp
    mov  [ebx + 16 + 28], esp
    mov  esp, STACK
    pushfd
    cld
    pop  eax
    and  eax, FLAGS_OF_A_CASE
    mov  [ebx + 16 + AT_EFLAGS], eax
    stmxcsr [ebx + 16 + AT_MXCSR]
    .irp n, 0,1,2,3,4,5,6,7
    movups [ebx + 16 + AT_XMM + 16 * \n], xmm\n
    .endr
    xor  eax, eax
    mov  [ebx], eax                 # no signal
    mov  [ebx + 4], eax
    mov  [ebx + 8], eax
    mov  [ebx + 12], eax

finish_case:
    cld
    mov  esp, STACK
    mov  edi, [CURRENT_RESULT]
    add  edi, 16 + STATE_BYTES
    mov  esi, SCRATCH
    mov  ecx, PAGE_BYTES / 4
    rep  movsd
    mov  [CURRENT_RESULT], edi
    add  dword ptr [CURRENT_CASE], CASE_BYTES
    add  dword ptr [CURRENT_SLOT], SLOT_BYTES
    dec  dword ptr [LEFT]
    jnz  run_case

    mov  ecx, OUTPUT
    mov  edx, edi
    sub  edx, ecx
1:  mov  ebx, 1
    mov  eax, SYS_write
    int  0x80
    test eax, eax
    jle  leave_program
    add  ecx, eax
    sub  edx, eax
    jnz  1b
    jmp  next_batch

# A trap ends the case: signal and siginfo are on the stack. The handler never returns to the instruction.
on_signal:
    mov  eax, [esp + 4]
    mov  ecx, [esp + 8]
    mov  ebx, [CURRENT_RESULT]
    xor  edx, edx
    mov  [ebx], eax
    mov  [ebx + 4], edx
    mov  eax, [ecx + 12]
    mov  [ebx + 8], eax
    mov  [ebx + 12], edx
    jmp  finish_case

# Reads exactly [WANTED] bytes to ecx; the end of the input ends the program.
read_all:
    xor  ebx, ebx
    mov  edx, [WANTED]
    mov  eax, SYS_read
    int  0x80
    test eax, eax
    jle  leave_program
    add  ecx, eax
    sub  [WANTED], eax
    jnz  read_all
    ret

leave_program:
    mov  ebx, eax
    mov  eax, SYS_exit
    int  0x80

.org 0xf00
signals:
    .byte 4, 5, 7, 8, 11, 0         # ILL TRAP BUS FPE SEGV
.org 0xf10
action:
    .long BASE + (on_signal - _start)
    .long 0x4c000004                # SIGINFO, ONSTACK, NODEFER, RESTORER
    .long BASE + (leave_program - _start)
    .long 0, 0
.org 0xf30
altstack:
    .long ALTSTACK
    .long 0
    .long 0x10000

.org 0x1000
.rept 64
    .balign SLOT_BYTES
    .fill SLOT_CODE + CODE_BYTES, 1, 0x90
    jmp  save
.endr

# The variables at LEFT and after: written for every case, so kept off the pages that hold code.
.org 0x3000
.fill 64, 1, 0
