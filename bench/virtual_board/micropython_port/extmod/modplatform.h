// py/ and shared/ include this header; the port has no `platform` module, so there is nothing in it.
