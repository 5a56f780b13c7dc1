print("tuf")
