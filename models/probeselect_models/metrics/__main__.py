from probeselect_models.commands.metrics import main

if __name__ == "__main__":
    main()
