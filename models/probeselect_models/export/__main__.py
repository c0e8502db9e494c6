from probeselect_models.commands.export import main

if __name__ == "__main__":
    main()
