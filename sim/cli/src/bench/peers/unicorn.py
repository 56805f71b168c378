import sys
import time

import unicorn

arch, mode, code = sys.argv[1:4]
base, end, data, data_bytes = map(int, sys.argv[4:8])
machine = unicorn.Uc(getattr(unicorn, "UC_" + arch), getattr(unicorn, "UC_" + mode))
machine.mem_map(base, 0x1000)
machine.mem_write(base, bytes.fromhex(code))
machine.mem_map(data, data_bytes)
before = time.process_time()
machine.emu_start(base, end)
print(time.process_time() - before)
